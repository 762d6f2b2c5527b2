"""The address that people use, by name and as browsers judge it."""

from __future__ import annotations

import pytest

from hermes_web.public_address import host, without_tls


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://Chat.Example.com:8443", "chat.example.com"),
        ("http://192.168.1.5:8000", "192.168.1.5"),
        ("http://[fd00::5]:8000", "[fd00::5]"),
    ],
)
def test_a_host_is_named_as_requests_name_it(address: str, name: str) -> None:
    assert host(address) == name


@pytest.mark.parametrize("address", ["http://192.168.1.5:8000", "http://chat.example.com", "http://[fd00::5]:8000"])
def test_an_address_without_tls_is_told(address: str) -> None:
    assert f"at {address}: put TLS in front" in without_tls(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://chat.example.com",
        "http://localhost:8000",
        "http://chat.localhost",
        "http://127.0.0.2:8000",
        "http://[::1]:8000",
    ],
)
def test_an_address_that_browsers_trust_is_not(address: str) -> None:
    assert without_tls(address) == ""
