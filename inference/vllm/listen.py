"""Where an engine may listen: its key does not cover all of its paths, so that no stranger may reach it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from inference.vllm.errors import WrongOption

PRIVATE = [
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_host(text: str) -> str:
    """Return an address of this machine's own or of a private network, in numbers; raises WrongOption."""
    address = _address("127.0.0.1" if text == "localhost" else text, "--host")
    if address.is_unspecified:
        raise WrongOption(
            f"--host {text} would listen on every network, and the engine's key does not guard all of its paths: "
            "give the address of the private interface that the worker reaches, such as 10.0.0.5."
        )
    return _private(address, "--host")


def check_master(text: str) -> tuple[str, int | None]:
    """Split ADDRESS[:PORT] of the first host; raises WrongOption. An IPv6 address with a port has brackets."""
    host, port = text, ""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise WrongOption(f"--master {text}: write the address, a colon and a port between 1 and 65535.")
    return _private(_address(host, "--master"), "--master"), int(port) if port else None


def _private(address: Address, option: str) -> str:
    if not (address.is_loopback or any(address in network for network in PRIVATE)):
        raise WrongOption(
            f"{option} {address} is not an address of this machine's own or of a private network: "
            "choose one, such as 127.0.0.1 or 10.0.0.5, and put a proxy in front of it if others must reach it."
        )
    return str(address)


def _address(text: str, option: str) -> Address:
    read: Callable[[str], Address] = ipaddress.ip_address
    try:
        return read(text)
    except ValueError:
        raise WrongOption(
            f"{option} is {text!r}: write an address in numbers, such as 127.0.0.1 or 10.0.0.5."
        ) from None
