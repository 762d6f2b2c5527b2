"""Addresses of networks and of hardware."""

from __future__ import annotations

import ipaddress
from random import Random

from tests.moderation.recognizers.labelled.ordinary import ordinary
from tests.moderation.recognizers.labelled.sample import labelled

_LOGS = (
    "The server {} does not answer.",
    "connection from {} refused",
    "Der Rechner hat die Adresse {}.",
    "L’adresse {} est bloquée depuis hier",
    "ping {} # three times",
    'client: "{}",',
    "Accepted password for root from {} port 51123 ssh2",
    "allow {};",
)
# RFC 4291 section 2.2, RFC 5952, RFC 5737.
_KNOWN = (
    "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a", "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
    "FF01:0:0:0:0:0:0:101", "ff01::101", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:db8::aaaa:0:0:1",
    "fe80::1ff:fe23:4567:890a", "fe80::1%eth0", "64:ff9b::192.0.2.33", "2001:db8:122:344::192.0.2.33",
    "fd00:1234:5678::1", "2a00:1450:4001:81b::200e", "192.0.2.1", "198.51.100.17", "203.0.113.254", "10.0.0.1",
    "172.16.254.3", "8.8.8.8", "192.168.178.1",
)  # fmt: skip


def _v4(random: Random) -> str:
    return str(ipaddress.IPv4Address(random.randint(0x01000000, 0x7EFFFFFF)))


def _v6(random: Random) -> str:
    prefix = random.choice((0x20010DB8, 0x2A001450, 0x26064700, 0xFE800000, 0xFD123456)) << 96
    address = ipaddress.IPv6Address(prefix | random.choice((random.getrandbits(64), random.getrandbits(12) | 1)))
    return random.choice((address.compressed, address.exploded, address.compressed.upper()))


def _mapped(random: Random) -> str:
    return f"::ffff:{_v4(random)}"


def _five_parts(random: Random) -> str:
    return ".".join(str(random.randint(0, 99)) for _ in range(5))


def _too_large(random: Random) -> str:
    return f"{random.randint(256, 999)}.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(256, 999)}"


def _three_parts(random: Random) -> str:
    return ".".join(str(random.randint(0, 99)) for _ in range(3))


def _code(random: Random) -> str:
    return random.choice(
        (
            "std::vector::begin",
            "a::b",
            "x[1::2]",
            "Foo::Bar::baz",
            "12:34:56",
            "value::date",
            "abc::def",
            "[::-1]",
            "127.0.0.1",
            "::1",
            "0.0.0.0",
            "255.255.255.0",
            "version 1.2.3.4",
            "section 2.4.1.7",
            "version: 1.2.3.4",
            "__version__ = '1.1.1.2'",
            "§2.3.2.1",
            "requests>=2.3.4.5",
            "1:2:3",
            "dead::beef",
            "10:20:30:40",
            "d::e::f",
            "7.4.1-SNAPSHOT",
            "Release 10.0.17.3",
        )
    )


IP_ADDRESS = labelled(
    "ip-address",
    _LOGS,
    [_v4, _v6, _v4, _v6, _mapped],
    known=_KNOWN,
    lookalikes=[_five_parts, _too_large, _three_parts, _code],
    ordinary=ordinary("ip-address"),
)


def _hex(random: Random, pairs: int) -> list[str]:
    return [f"{random.randrange(256):02x}" for _ in range(pairs)]


def _mac(random: Random) -> str:
    # Locally or globally administered, as the second bit of the first octet says; with a letter, as nearly all have.
    pairs = [*_hex(random, 5), f"{random.randrange(256) | 0xA0:02x}"]
    text = random.choice(
        (":".join(pairs), "-".join(pairs), ".".join("".join(pairs[at : at + 2]) for at in (0, 2, 4)))
    )
    return random.choice((text, text.upper()))


def _eui64(random: Random) -> str:
    return ":".join(_hex(random, 7) + ["fa"])


def _fingerprint(random: Random) -> str:
    return ":".join(_hex(random, random.choice((16, 20, 32)))).upper()


def _short(random: Random) -> str:
    return ":".join(_hex(random, random.choice((3, 4, 5))))


def _dashes(random: Random) -> str:
    return f"{random.randint(10, 99)}-{random.randint(10, 99)}-{random.randint(1000, 9999)}-{random.randint(10, 99)}"


MAC_ADDRESS = labelled(
    "mac-address",
    _LOGS,
    [_mac, _mac, _mac, _eui64],
    known=(
        "00:00:5E:00:53:01",
        "00-00-5E-00-53-FF",
        "0000.5e00.53af",
        "AC:DE:48:00:11:22",
        "02-00-5E-10-00-00-00-01",
    ),
    lookalikes=[_fingerprint, _short, _dashes, lambda _: "ff:ff:ff:ff:ff:ff", lambda _: "00:00:00:00:00:00"],
    ordinary=ordinary("mac-address"),
)
