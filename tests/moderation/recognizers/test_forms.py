"""Ways of writing that the labelled sets do not make, one by one."""

from __future__ import annotations

import pytest

from moderation.recognizers import RECOGNIZERS
from tests.moderation.recognizers.search import search

FOUND = [
    ("email", "to=ada@example.com&x=1", ["ada@example.com"]),
    ("email", "?cc=ada@example.com,bob@example.org", ["ada@example.com", "bob@example.org"]),
    ("email", "..ada@example.com.", ["ada@example.com"]),
    ("spelled-email", "John dot smith at gmail dot com!", ["John dot smith at gmail dot com"]),
    ("phone", "phones 212-555-0123/212-555-0124", ["212-555-0123", "212-555-0124"]),
    ("phone", "on 2026-11-21 020 7946 0958 rang", ["020 7946 0958"]),
    ("phone", "+7 (495) 123-45-67, +81 3-1234-5678", ["+7 (495) 123-45-67", "+81 3-1234-5678"]),
    ("phone", "(+49) 30 901820", ["(+49) 30 901820"]),
    ("phone", "\u624b\u673a13800138000", ["13800138000"]),
    ("card", "1,4111111111111111,12/26", ["4111111111111111"]),
    ("card", "4111  1111  1111  1111 12/27 123", ["4111  1111  1111  1111"]),
    ("card", "2026 11 21 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("iban", "DE89 3704 0044 0532 0130 00 is mine", ["DE89 3704 0044 0532 0130 00"]),
    ("us-ssn", "SSN 536.22.8145 and 536 22 8146", ["536.22.8145", "536 22 8146"]),
    ("de-id-card", "Perso: l01x00t47", ["l01x00t47"]),
    ("ip-address", "::ffff:10.1.2.3 and [2001:db8::1]:8080", ["::ffff:10.1.2.3", "2001:db8::1"]),
    ("ip-address", "10.1.2.3:80, 10.1.2.4/24", ["10.1.2.3", "10.1.2.4"]),
    ("api-key", "Authorization: Basic YWRhOmxvdmVsYWNl", ["YWRhOmxvdmVsYWNl"]),
    ("api-key", "password is hG7_kq2Zt-9sLmQ4.", ["hG7_kq2Zt-9sLmQ4"]),
    ("jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. is unsecured", ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."]),
    ("url-password", "https://ada:p@ss@example.com/", ["p@ss"]),
]
NOTHING = [
    ("email", "a.@b.com"),
    ("email", "x @ self.weight"),
    ("phone", "2019-2020-2021 and 2024 - 2025 - 2026"),
    ("phone", "4111 1111 1111 1111"),
    ("phone", "tel 0.123456789, call 20261121, sms 202611211530"),
    ("phone", "1 2 3 4 5 6 7 8 9 10"),
    ("card", "0.4111111111111111 and 4111111111111111.50"),
    ("card", "a4111111111111111"),
    ("us-ssn", "1-536-22-8145 or 536-22-8145-9"),
    ("uk-nhs", "943 476 5919"),
    ("nl-bsn", "111222333"),
    ("in-aadhaar", "234567890124"),
    ("in-aadhaar", "2345 6789 0124 0000"),
    ("ip-address", "a::b, x[1::2], 12:30:45, 1.3.6.1.4.1, 127.0.0.1, ::1"),
    ("ip-address", "version = 1.2.3.4; pip install x==1.2.3.4"),
    ("mac-address", "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89"),
    ("api-key", "AKIAIOSFODNN7EXAMPLEX"),
    ("private-key", "-----BEGIN PRIVATE KEY----- is the first line of the file"),
]


@pytest.mark.parametrize(("name", "text", "found"), FOUND)
def test_it_is_found(name: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in search(RECOGNIZERS[name], text)] == found


@pytest.mark.parametrize(("name", "text"), NOTHING)
def test_nothing_is_found(name: str, text: str) -> None:
    assert [text[start:end] for start, end in search(RECOGNIZERS[name], text)] == []
