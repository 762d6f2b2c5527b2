"""The way to a place for a user who is not root: each folder above it must let them pass."""

from __future__ import annotations

import stat
from pathlib import Path
from pwd import struct_passwd


def open_way(user: struct_passwd, *places: Path) -> list[Path]:
    """Let others pass through the folders above some places that keep a user out; return those folders."""
    above = dict.fromkeys(folder for place in places for folder in place.parents)
    closed = [folder for folder in above if not _passes(user, folder)]
    for folder in closed:
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
    return closed


def _passes(user: struct_passwd, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == user.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
