"""The files of exports: pieces while one is made, and a zip when it is done. All named after their job.

A file is written under another name and then moved, so that what stands under its own is whole, and doing it twice is
the same as doing it once.
"""

from __future__ import annotations

import os
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from django.conf import settings

Entry = tuple[str, str]
"""A file's name in the zip, and its text."""


def folder() -> Path:
    """Return where exports are; nobody else of the machine may look in."""
    place = Path(settings.EXPORT_DIR)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def zip_of(job_id: uuid.UUID) -> Path:
    """Return where the finished file of a job is, or will be."""
    return folder() / f"{job_id}.zip"


def write_piece(job_id: uuid.UUID, number: int, turn: int, entries: Iterable[Entry]) -> None:
    """Keep some files for the zip to come."""
    with _written(_piece(job_id, number), turn) as at, at.open("wb") as file:
        for entry in entries:
            file.write(orjson.dumps(entry) + b"\n")


def has_pieces(job_id: uuid.UUID, count: int) -> bool:
    """Say whether the first `count` pieces are there."""
    return all(_piece(job_id, number).exists() for number in range(count))


def join(job_id: uuid.UUID, count: int, turn: int) -> int:
    """Make the zip of all pieces; return its size in bytes."""
    done = zip_of(job_id)
    with _written(done, turn) as at, zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            for name, text in _entries(_piece(job_id, number)):
                archive.writestr(name, text)
    return done.stat().st_size


def remove_pieces(job_id: uuid.UUID) -> None:
    """Delete what a zip was made of, and what was not finished."""
    for path in folder().glob(f"{job_id}.*"):
        if path.suffix != ".zip":
            path.unlink(missing_ok=True)


def remove(job_id: uuid.UUID) -> None:
    """Delete everything of a job."""
    for path in folder().glob(f"{job_id}.*"):
        path.unlink(missing_ok=True)


def jobs_with_files() -> set[uuid.UUID]:
    """Return the jobs of which anything is kept."""
    found = set()
    for path in folder().iterdir():
        try:
            found.add(uuid.UUID(path.name.split(".")[0]))
        except ValueError:
            continue
    return found


def _piece(job_id: uuid.UUID, number: int) -> Path:
    return folder() / f"{job_id}.{number}.piece"


def _entries(piece: Path) -> Iterator[Entry]:
    with piece.open("rb") as file:
        for line in file:
            name, text = orjson.loads(line)
            yield name, text


@contextmanager
def _written(path: Path, turn: int) -> Iterator[Path]:
    """Give a new file, which takes its name when it is whole. Two processes at once write two."""
    at = path.with_name(f"{path.name}.new{turn}")
    at.touch(mode=0o600)
    yield at
    with at.open("rb") as file:
        os.fsync(file.fileno())
    at.replace(path)
