"""Many streams through the whole path, read at real sockets in this process.

The scripted engine puts its clock into every token; here the clock is read again when the token arrives at the
socket. The same engine is read directly in the same run, and its delay is taken off.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings

from bench.script import prompt_for
from bench.workplace import Workplace

STAMP = re.compile(r"t(\d{16}) ")
STREAMS = 100
RATE = 40
SECONDS = 30
PROBES = 10
SINGLE = 30


@dataclass(slots=True, kw_only=True)
class Heard:
    """One stream as a client heard it. Delays in milliseconds, times in seconds of the wall clock."""

    sent_at: float = 0.0
    first_at: float = 0.0
    delays: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    received: int = 0

    def hear(self, text: str, now: float) -> None:
        if not text:
            return
        self.first_at = self.first_at or now
        self.text.append(text)
        self.delays += [(now - int(stamp) / 1e6) * 1000 for stamp in STAMP.findall(text)]

    @property
    def first_ms(self) -> float:
        return (self.first_at - self.sent_at) * 1000


class Client:
    """One person's page."""

    def __init__(self, http: aiohttp.ClientSession, url: str, slug: str) -> None:
        self._http, self._url, self._slug = http, url, slug

    async def connect(self) -> None:
        self._socket = await self._http.ws_connect(
            f"{self._url}/o/{self._slug}/socket/", headers={"Origin": self._url}, max_msg_size=0
        )
        await self._socket.receive()

    async def ask(self, script: dict[str, Any]) -> Heard:
        heard = Heard(sent_at=time.time())
        await self._socket.send_str(
            json.dumps(
                {
                    "action": "send",
                    "conversation": str(uuid.uuid4()),
                    "message": str(uuid.uuid4()),
                    "parent": None,
                    "text": prompt_for(script),
                }
            )
        )
        async for message in self._socket:
            now = time.time()
            heard.received += len(message.data) + 2
            if not message.data.startswith("{"):
                heard.hear(message.data.split(" ", 2)[2], now)
            elif message.data.startswith('{"type":"stream"'):
                heard.hear("".join(part["text"] for part in json.loads(message.data).get("parts", [])), now)
            elif message.data.startswith('{"type":"state"'):
                break
        return heard


async def ask_directly(http: aiohttp.ClientSession, engine: str, script: dict[str, Any]) -> Heard:
    """Read the engine without anything between."""
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": prompt_for(script)}]}
    heard = Heard(sent_at=time.time())
    async with http.post(f"{engine}/v1/chat/completions", json=body) as response:
        async for line in response.content:
            now = time.time()
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:]).get("choices") or [{"delta": {}}]
                if text := choices[0]["delta"].get("content"):
                    heard.hear(text, now)
    return heard


async def measure_streams(workplace: Workplace) -> list[dict[str, object]]:
    """Measure one stream, then many with a few more beside them."""
    keys = await sync_to_async(workplace.people)(STREAMS + PROBES)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as bare:
        sessions = [
            aiohttp.ClientSession(
                cookies={settings.SESSION_COOKIE_NAME: key}, connector=aiohttp.TCPConnector(limit=0)
            )
            for key in keys
        ]
        clients = [Client(http, workplace.site.url, workplace.slug) for http in sessions]
        for client in clients:
            await client.connect()
        lines = [await one_stream(workplace, bare, clients[0]), await many_streams(workplace, bare, clients)]
        for http in sessions:
            await http.close()
    return lines


async def one_stream(workplace: Workplace, bare: aiohttp.ClientSession, client: Client) -> dict[str, object]:
    """Compare the first token through everything with the first token of the engine, in turns."""
    script = {"tokens": 8, "rate": RATE, "stamp": True}
    direct, whole = [], []
    for _ in range(SINGLE + 3):
        direct.append((await ask_directly(bare, workplace.engine, script)).first_ms)
        whole.append((await client.ask(script)).first_ms)
    # The first rounds warm caches and pools up.
    direct, whole = direct[3:], whole[3:]
    return {
        "bench": "streams-1",
        "first_token_added_ms": {"p50": round(median(whole) - median(direct), 2)},
        "first_token_ms": spread(whole),
        "engine_first_token_ms": spread(direct),
        "rounds": SINGLE,
    }


async def many_streams(workplace: Workplace, bare: aiohttp.ClientSession, clients: list[Client]) -> dict[str, object]:
    """Run many streams; in their middle a few more begin."""
    script = {"tokens": RATE * SECONDS, "rate": RATE, "stamp": True}
    direct = await asyncio.gather(
        *(ask_directly(bare, workplace.engine, {**script, "tokens": RATE * 5}) for _ in range(STREAMS))
    )
    await bare.post(f"{workplace.engine}/_reset")
    before, begun = workplace.cpu_seconds(), time.monotonic()
    running = [asyncio.create_task(client.ask(script)) for client in clients[:STREAMS]]
    await asyncio.sleep(SECONDS / 3)
    probes = []
    for client in clients[STREAMS:]:
        probes.append(asyncio.create_task(client.ask({**script, "tokens": RATE})))
        await asyncio.sleep(0.3)
    heard = await asyncio.gather(*running)
    probed = await asyncio.gather(*probes)
    took, after = time.monotonic() - begun, workplace.cpu_seconds()
    tokens = sum(len(one.delays) for one in [*heard, *probed])
    sent = await (await bare.get(f"{workplace.engine}/_log")).json()
    whole = {one["text"] for one in sent}
    delays = [delay for one in heard for delay in one.delays]
    plain = [delay for one in direct for delay in one.delays]
    used = {name: after[name] - before[name] for name in after}
    text = sum(len("".join(one.text)) for one in heard)
    return {
        "bench": f"streams-{STREAMS}",
        "rate": RATE,
        "seconds": round(took, 1),
        "delivered": sum("".join(one.text) in whole for one in [*heard, *probed]) / len(sent),
        "token_delay_added_ms": {
            "p50": round(median(delays) - median(plain), 1),
            "p95": round(at95(delays) - median(plain), 1),
        },
        "engine_token_delay_ms": spread(plain),
        "cpu_us_per_token": {name: round(seconds / tokens * 1e6) for name, seconds in used.items()},
        "cpu_us_per_token_all": round(sum(used.values()) / tokens * 1e6),
        "socket_bytes_per_text_byte": round((sum(one.received for one in heard) - 2048 * len(heard)) / text, 2),
        "more_streams_first_token_ms": spread([one.first_ms for one in probed]),
        "tokens": tokens,
    }


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the middle and the 95th percentile."""
    kept = list(values)
    return {"p50": round(median(kept), 2), "p95": round(at95(kept), 2)}


def at95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
