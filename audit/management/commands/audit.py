from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.anchoring import anchor
from audit.export import export_chain
from audit.models import Anchor, Seal
from audit.places import File
from audit.sealing import seal_some
from audit.verification import verify, verify_all
from audit.verify_audit import Anchored, Unverifiable, read_anchors


class Command(BaseCommand):
    help = "Verify, seal, anchor or export the audit record."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        verifying = doing.add_parser("verify", help="follow chains in the database and compare them with anchors")
        verifying.add_argument("--chain", type=chain_named, help="an organization's id or “platform”; else all")
        verifying.add_argument(
            "--anchors", action="append", help="a file of anchors, several times if need be; else the configured one"
        )
        doing.add_parser("seal", help="seal what waits")
        doing.add_parser("anchor", help="write the heads of chains to the places outside")
        exporting = doing.add_parser("export", help="write a whole chain, which verify_audit.py verifies")
        exporting.add_argument("--chain", type=chain_named, required=True, help="an organization's id or “platform”")
        exporting.add_argument("--output", type=Path, help="a file; else standard output")

    def handle(self, *arguments: Any, **options: Any) -> None:
        {"verify": self._verify, "seal": self._seal, "anchor": self._anchor, "export": self._export}[
            options["doing"]
        ](options)

    def _verify(self, options: dict[str, Any]) -> None:
        anchors = _anchors(options["anchors"])
        reports = [verify(options["chain"], anchors)] if options["chain"] else verify_all(anchors)
        for report in reports:
            for line in report.lines():
                self.stdout.write(line)
        if not all(report.ok for report in reports):
            raise CommandError("The audit record is not whole.", returncode=1)

    def _seal(self, options: dict[str, Any]) -> None:
        count = 0
        while sealed := seal_some():
            count += sealed
        self.stdout.write(f"{count:,} events sealed.")

    def _anchor(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{anchor():,} heads anchored.")

    def _export(self, options: dict[str, Any]) -> None:
        pieces = export_chain(options["chain"])
        if options["output"] is None:
            sys.stdout.buffer.writelines(pieces)
            return
        try:
            with options["output"].open("wb") as file:
                file.writelines(pieces)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from None


def chain_named(text: str) -> uuid.UUID:
    """Return a chain's id."""
    if text == "platform":
        return Seal.PLATFORM
    try:
        return uuid.UUID(text)
    except ValueError:
        raise CommandError(f"“{text}” is no organization's id. Write the id, or “platform”.") from None


def _anchors(names: Sequence[str] | None) -> list[Anchored]:
    if names is None:
        names = [settings.AUDIT_ANCHOR_FILE] if _has_file() else []
    found: list[Anchored] = []
    for name in names:
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                found += read_anchors(file)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}. Bring it back, or name a copy with --anchors.") from None
        except Unverifiable as error:
            raise CommandError(f"{name}: {error}") from None
    return found


def _has_file() -> bool:
    """Say whether there is a file of anchors, or was: without it a chain that was made anew would look whole."""
    own = settings.AUDIT_ANCHOR_FILE
    return bool(own) and (Path(own).exists() or Anchor.objects.filter(places__contains=File.name).exists())
