"""Every place where text may be kept: tables, Valkey, files. PostgreSQL's own files are its tables once more."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from tests.site import Site

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def places_of(text: str, site: Site) -> set[str]:
    """Return where a text is found."""
    return {*_tables(text, site), *_keys(text, site), *_files(text, site.layout.data_dir, site)}


def _tables(text: str, site: Site) -> Iterator[str]:
    with psycopg.connect(site.layout.owner_url) as connection:
        for (name,) in connection.execute(TABLES).fetchall():
            query = sql.SQL("SELECT count(*) FROM {} AS t WHERE t::text LIKE %s").format(sql.Identifier(name))
            row = connection.execute(query, [f"%{text}%"]).fetchone()
            if row and row[0]:
                yield f"table {name}"


def _keys(text: str, site: Site) -> Iterator[str]:
    client: Any = redis.Redis(unix_socket_path=str(site.layout.valkey_socket))
    for database in range(3):
        client.execute_command("SELECT", database)
        for key in list(client.scan_iter(count=1000)):
            if text.encode() in key + _value(client, key):
                yield f"key {key.decode()}"
    client.close()


def _value(client: Any, key: bytes) -> bytes:
    read: dict[bytes, Callable[[], object]] = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
        b"stream": lambda: client.xrange(key),
        b"none": lambda: b"",
    }
    return repr(read[client.type(key)]()).encode()


def _files(text: str, folder: Path, site: Site) -> Iterator[str]:
    for path in folder.rglob("*"):
        if not path.is_relative_to(site.layout.postgres) and path.is_file() and text.encode() in _content(path):
            yield f"file {path.relative_to(folder)}"


def _content(path: Path) -> bytes:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return b"".join(archive.read(one) + one.filename.encode() for one in archive.infolist())
        return path.read_bytes()
    except FileNotFoundError:
        # Another part has just replaced it.
        return b""
