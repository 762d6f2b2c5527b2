"""Addresses that an engine may listen on."""

from __future__ import annotations

import pytest

from inference.vllm.errors import WrongOption
from inference.vllm.listen import check_host, check_master


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("localhost", "127.0.0.1"),
        *((address, address) for address in ("127.0.0.1", "::1", "10.0.0.5", "172.31.255.1", "192.168.1.9")),
        *((address, address) for address in ("100.64.0.1", "fd00::5")),
    ],
)
def test_loopback_and_private_addresses_are_taken(written: str, read: str) -> None:
    assert check_host(written) == read


@pytest.mark.parametrize("written", ["0.0.0.0", "::"])
def test_all_interfaces_are_refused(written: str) -> None:
    with pytest.raises(WrongOption, match="would listen on every network"):
        check_host(written)


@pytest.mark.parametrize("written", ["8.8.8.8", "172.32.0.1", "192.0.2.1", "2001:db8::1", "169.254.1.1"])
def test_public_addresses_are_refused(written: str) -> None:
    with pytest.raises(WrongOption, match="private network"):
        check_host(written)


@pytest.mark.parametrize("written", ["", "gpu.example.com", "10.0.0", "10.0.0.5:8000"])
def test_an_address_is_written_in_numbers(written: str) -> None:
    with pytest.raises(WrongOption, match="write an address in numbers"):
        check_host(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10.0.0.1", ("10.0.0.1", None)),
        ("10.0.0.1:29501", ("10.0.0.1", 29501)),
        ("fd00::1", ("fd00::1", None)),
        ("[fd00::1]:29501", ("fd00::1", 29501)),
    ],
)
def test_the_first_hosts_address_may_have_a_port(written: str, read: tuple[str, int | None]) -> None:
    assert check_master(written) == read


@pytest.mark.parametrize("written", ["10.0.0.1:0", "10.0.0.1:port", "10.0.0.1:70000", "8.8.8.8:29501", "host:1"])
def test_a_wrong_first_host_is_refused(written: str) -> None:
    with pytest.raises(WrongOption, match="--master"):
        check_master(written)
