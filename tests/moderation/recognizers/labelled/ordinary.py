"""What ordinary texts are full of, and what is neither personal nor secret."""

from __future__ import annotations

import hashlib
from random import Random
from uuid import UUID

_LINES = (
    "The meeting is on {date} at {time} in room {small}.",
    "Rechnung Nr. {order} vom {german_date}: {price} €.",
    "La commande {order} coûte {price} € depuis le {german_date}.",
    "El pedido {order} llegará el {german_date} y cuesta {price} euros.",
    "Upgrade from v{version} to {version}-rc.{digit}.",
    "commit {sha1} fixes #{small} in {seconds} s",
    "sha256:{sha256}  layer.tar.gz",
    "trace_id={hex16} span={hex8} took {float} ms",
    "id: {uuid}",
    "const total = {big} + {small} * {float};",
    "The population grew from {thousands} to {thousands} in {year}.",
    "GET /items/{order}?page={digit}&after={millis} HTTP/1.1",
    "x = [{small}, {small}, {small}, {big}]  # {year}-{year}",
    "ISBN 978-3-{digit}{digit}-{isbn}-{digit}, page {small}",
    "The coordinates are {degrees}, {degrees}.",
    "for (int i = {digit}; i < {small}; ++i) std::cout << a[i]::b << '\\n';",
    "Total: {thousands}.{digit}{digit} USD ({digit}{digit} %), due {date}T{time}:00Z",
    "Gene BRCA{digit} at chr{digit}:{big}-{big}",
    "Flight LH{small} leaves at {time}, gate B{digit}, seat {digit}{digit}C.",
    "Tracking number {order} was scanned {time} on {date}.",
    "π ≈ 3.14159265358979, e ≈ 2.718281828459045, and {float}{order}",
    "#{color} and rgba({small}, {digit}, {digit}, 0.{digit})",
    "Chapter {digit}.{digit}, §{small} ({year}), lines {small}-{small}",
    "The build {year}{digit}{digit}.{digit}.{small} passed {small} of {small} tests.",
    "Bus M{small} runs every {digit} minutes from {time} to {time}.",
    "UPDATE t SET n = n + {digit} WHERE id IN ({order}, {order});",
    "O processo {order}/{year} custou R$ {price} em {german_date}.",
    "Artikelnummer {order}, Größe {digit}{digit}, Lager {small}",
    "He ran 10,000 m in {digit}{digit}:{digit}{digit}.{digit} and lifted {small} kg.",
    "def add(self, a: int = {small}, b: float = {float}) -> int: return a + b",
)


def ordinary(name: str, count: int = 160) -> tuple[str, ...]:
    """Return ordinary lines, the same ones every time."""
    random = Random(f"ordinary {name}")
    return tuple(_LINES[number % len(_LINES)].format_map(_Filling(random)) for number in range(count))


class _Filling(dict[str, str]):
    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random

    def __missing__(self, kind: str) -> str:
        return _filled(kind, self.random)


def _filled(kind: str, random: Random) -> str:
    year, month, day = random.randint(1950, 2030), random.randint(1, 12), random.randint(1, 28)
    digest = hashlib.sha256(random.randbytes(8)).hexdigest()
    return {
        "date": f"{year}-{month:02d}-{day:02d}",
        "german_date": f"{day:02d}.{month:02d}.{year}",
        "time": f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}",
        "year": str(year),
        "digit": str(random.randint(1, 9)),
        "small": str(random.randint(10, 999)),
        "big": str(random.randint(10_000, 99_999_999)),
        "order": str(random.randint(10**5, 10 ** random.randint(6, 12))),
        "isbn": str(random.randint(10_000, 99_999)),
        "millis": str(random.randint(1_700_000_000_000, 1_799_999_999_999)),
        "price": f"{random.randint(1, 99_999):,}".replace(",", ".") + f",{random.randint(0, 99):02d}",
        "thousands": f"{random.randint(10_000, 99_999_999):,}",
        "version": f"{random.randint(0, 30)}.{random.randint(0, 30)}.{random.randint(0, 200)}",
        "float": f"{random.random() * 100:.3f}",
        "seconds": f"{random.random() * 100}",
        "degrees": f"{random.uniform(-90, 90):.6f}",
        "sha1": digest[:40],
        "sha256": digest,
        "hex16": digest[:16],
        "hex8": digest[:8],
        "color": digest[:6],
        "uuid": str(UUID(digest[:32])),
    }[kind]
