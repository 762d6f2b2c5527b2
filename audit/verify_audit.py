#!/usr/bin/env python3
"""Verify an exported audit record. One file; it needs Python 3.11 and nothing else.

    python3 verify_audit.py EXPORT.jsonl [--anchors ANCHORS.jsonl …]

Each line of an export holds a number, a digest and the event's canonical text, at fixed places:

    ["000000000001","<digest in 64 hex digits>",["hermes-audit-1", …]]

A digest is the SHA-256 of the digest before it and the text's bytes; before the first one stands the SHA-256 of
"hermes-audit-1 <chain>". An anchor is a number with its digest, which was written outside the database. The exit
status is 0 when everything fits, 1 when something does not, 2 when there is nothing that could be verified.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
from binascii import unhexlify
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import BinaryIO

FORMAT = "hermes-audit-1"
EXPORT_FORMAT = "hermes-audit-export-1"
ANCHOR_FORMAT = "hermes-audit-anchor-1"
# The front of a line, and the signs around its parts.
FRONT = struct.Struct("2s 12s 3s 64s 2s")
SIGNS = (b'["', b'","', b'",', b"]\n")
# Where a canonical text says when its event was.
MOMENT = slice(60, 86)
# An event that is older than an anchor before it by more than this waited strangely long for its seal.
PATIENCE = timedelta(hours=1)
LATE = "are over an hour older than an anchor before them: sealed late, or written later than they say."
MOST_PROBLEMS = 20

Row = tuple[int, bytes, "bytes | None"]


class Unverifiable(Exception):
    """The file is none that can be verified; the message says why."""


def genesis(chain: str) -> bytes:
    """Return what stands before the first digest of a chain."""
    return sha256(f"{FORMAT} {chain}".encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """A chain's head as it was written outside the database."""

    chain: str
    number: int
    digest: bytes
    at: str

    def earliest(self) -> bytes:
        """Return the moment that a later event should not be before, as canonical texts write it."""
        try:
            moment = datetime.fromisoformat(self.at) - PATIENCE
        except ValueError:
            return b""
        return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26].encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in one chain. `late` counts events that say they are older than an anchor before them."""

    chain: str
    checked: int
    head: int
    digest: bytes
    problems: tuple[str, ...]
    anchored: int
    exposed_since: str
    late: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def exposed(self) -> int:
        return max(0, self.head - self.anchored)

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        verdict = "whole" if self.ok else "NOT WHOLE"
        yield f"Chain {self.chain}: {verdict}. {self.checked:,} events, head {self.head:,} {self.digest.hex()}"
        for problem in self.problems:
            yield f"  problem: {problem}"
        if self.late:
            yield f"  note: {self.late:,} events {LATE}"
        yield f"  {self._window()}"

    def _window(self) -> str:
        if not self.anchored:
            return "Exposed: everything. No anchor of this chain was given, so a chain made anew would look the same."
        since = f"since the newest anchor, number {self.anchored:,} of {self.exposed_since}"
        if not self.exposed:
            return f"Exposed: no event; only what comes {since}."
        return (
            f"Exposed: {self.exposed:,} events {since}. A change of these with all digests made anew would not show."
        )


@dataclass(slots=True)
class Chain:
    """Follow one chain from its first event on."""

    name: str
    anchors: Sequence[Anchored] = ()
    number: int = 0
    checked: int = 0
    late: int = 0
    digest: bytes = b""
    problems: list[str] = field(default_factory=list)
    _anchored: dict[int, list[Anchored]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.digest = genesis(self.name)
        self.anchors = sorted((one for one in self.anchors if one.chain == self.name), key=lambda one: one.number)
        self._anchored = {}
        for one in self.anchors:
            self._anchored.setdefault(one.number, []).append(one)

    def follow(self, rows: Iterable[Row]) -> None:
        """Take rows in their order: number, digest, and text; no text where the event is gone."""
        number, digest, checked, anchored = self.number, self.digest, 0, self._anchored
        late, earliest = 0, b""
        for at, claimed, text in rows:
            number += 1
            checked += 1
            if at != number:
                self.add_problem(f"number {at:,} stands where {number:,} should be")
                number = at
            elif text is None:
                self.add_problem(f"the event of number {at:,} is gone or belongs elsewhere")
            elif sha256(digest + text).digest() != claimed:
                self.add_problem(
                    f"the digest of number {at:,} does not fit: it, or what stands before it, was changed"
                )
            elif text[MOMENT] < earliest:
                late += 1
            # One change is one problem: what follows is judged by the digest that is written here.
            digest = claimed
            if number in anchored:
                self._compare(number, digest)
                earliest = anchored[number][-1].earliest()
        self.number, self.digest = number, digest
        self.checked, self.late = self.checked + checked, self.late + late

    def report(self) -> Report:
        """Return what was found, now that the chain is at its end."""
        newest = self.anchors[-1] if self.anchors else None
        if newest and newest.number > self.number:
            self.add_problem(f"the chain ends at {self.number:,}, but {newest.number:,} was anchored at {newest.at}")
        return Report(
            chain=self.name,
            checked=self.checked,
            head=self.number,
            digest=self.digest,
            problems=tuple(self.problems),
            anchored=newest.number if newest else 0,
            exposed_since=newest.at if newest else "",
            late=self.late,
        )

    def add_problem(self, words: str) -> None:
        """Note something that is wrong; of many only the first ones."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(words)
        elif len(self.problems) == MOST_PROBLEMS:
            self.problems.append("and more")

    def _compare(self, number: int, digest: bytes) -> None:
        for one in self._anchored[number]:
            if one.digest != digest:
                self.add_problem(f"number {number:,} is not what was anchored at {one.at}: the chain was made anew")


def read_anchors(lines: Iterable[str]) -> list[Anchored]:
    """Read anchors, one a line; what a syslog has put before them is skipped. Raises Unverifiable."""
    # One without its end was cut off, by a full disk or a crash: what it was to say is said again in the next one.
    whole = [(at, line) for at, line in enumerate(lines, 1) if "{" not in line or line.rstrip().endswith("}")]
    return [_anchor(at, line) for at, line in whole if line.strip()]


def _anchor(at: int, line: str) -> Anchored:
    try:
        found = json.loads(line[line.index("{") :])
        if found["format"] != ANCHOR_FORMAT:
            raise ValueError
        return Anchored(
            chain=str(found["chain"]),
            number=int(found["number"]),
            digest=bytes.fromhex(found["digest"]),
            at=str(found["at"]),
        )
    except (ValueError, KeyError, TypeError):
        raise Unverifiable(f"Line {at} of the anchors is none: {line.strip()[:80]!r}.") from None


def verify_file(file: BinaryIO, anchors: Sequence[Anchored]) -> list[Report]:
    """Verify every chain of an exported file. Raises Unverifiable."""
    reports, header = [], file.readline()
    while header:
        chain = Chain(_chain_named(header), anchors)
        section = Section(file)
        chain.follow(section.rows())
        if section.damaged:
            chain.add_problem(section.damaged)
        elif section.promised is None:
            chain.add_problem("the file ends before its last line: it was cut off")
        elif section.promised != chain.checked:
            chain.add_problem(f"the file promises {section.promised:,} events and holds {chain.checked:,}")
        reports.append(chain.report())
        header = b"" if section.damaged else file.readline()
    if not reports:
        raise Unverifiable("The file is empty.")
    return reports


@dataclass(slots=True)
class Section:
    """The lines of one chain in a file, up to the line that says how many they are."""

    file: BinaryIO
    promised: int | None = None
    damaged: str = ""

    def rows(self) -> Iterator[Row]:
        """Yield rows until the section's last line, or until one that cannot be read."""
        parts, size = FRONT.unpack_from, FRONT.size
        for line in self.file:
            if line[:1] == b"{":
                self._end(line)
                return
            try:
                opening, number, middle, digest, comma = parts(line)
                if (opening, middle, comma, line[-2:]) != SIGNS or not number.isdigit():
                    raise ValueError
                row = int(number), unhexlify(digest), line[size:-2]
            except (ValueError, struct.error):
                self.damaged = f"a line cannot be read: {line[:60]!r}"
                return
            yield row

    def _end(self, line: bytes) -> None:
        try:
            self.promised = int(json.loads(line)["events"])
        except (ValueError, KeyError, TypeError):
            self.damaged = f"a line cannot be read: {line[:60]!r}"


def _chain_named(line: bytes) -> str:
    try:
        header = json.loads(line)
        if header["format"] != EXPORT_FORMAT:
            raise ValueError
        chain = str(header["chain"]) if header["whole"] is True else ""
    except (ValueError, KeyError, TypeError):
        raise Unverifiable("This is no export of the audit record.") from None
    if not chain:
        raise Unverifiable(
            "This export is partial: events were chosen, so their chain cannot be followed. Export the whole chain."
        )
    return chain


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a file and say what was found; return the exit status."""
    parser = argparse.ArgumentParser(description="Verify an exported audit record.")
    parser.add_argument("export", help="the exported file")
    parser.add_argument("--anchors", action="append", default=[], help="a file of anchors, several times if need be")
    chosen = parser.parse_args(arguments)
    try:
        anchors = [one for name in chosen.anchors for one in _anchors_in(name)]
        with open(chosen.export, "rb") as file:
            reports = verify_file(file, anchors)
    except (Unverifiable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for report in reports for line in report.lines())
    return 0 if all(report.ok for report in reports) else 1


def _anchors_in(name: str) -> list[Anchored]:
    with open(name, encoding="utf-8", errors="replace") as file:
        return read_anchors(file)


if __name__ == "__main__":
    sys.exit(main())
