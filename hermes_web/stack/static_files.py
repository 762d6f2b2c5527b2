"""Collect the static files once for each build of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from hermes_web.stack.errors import ToolMissing


def collect() -> None:
    """Collect and compress the static files, unless the same ones are there. Raises ToolMissing."""
    source, stamp = Path(settings.STATICFILES_DIRS[0]), Path(settings.STATIC_ROOT) / ".build"
    if not source.is_dir():
        raise ToolMissing("The pages' scripts are not built: run “make up”, or “make frontend” first.")
    digest = _digest(source)
    if stamp.exists() and stamp.read_text() == digest:
        return
    # A collection that is killed half-way must not pass for the whole.
    stamp.unlink(missing_ok=True)
    try:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n", 1)[0].rstrip(".")
        raise ToolMissing(f"The pages' scripts are not whole ({reason}): run “make frontend” again.") from None
    stamp.write_text(digest)


def _digest(source: Path) -> str:
    found = hashlib.sha256("\n".join(_lines(source)).encode())
    return found.hexdigest()


def _lines(source: Path) -> Iterator[str]:
    yield from (f"{name} {version(name)}" for name in ("django", "django-unfold", "django-allauth"))
    for path in sorted(source.rglob("*")):
        if path.is_file():
            yield f"{path.relative_to(source)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
