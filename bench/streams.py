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
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings

from bench import gated
from bench.script import prompt_for
from bench.scripted_engine import FILLER
from bench.workplace import People, Workplace
from chat.states import ENDED

STAMP = re.compile(r"t(\d{16}) ")
STREAMS = 100
RATE = 40
SECONDS = 30
PROBES = 10
# Ordinary words between the times: rows of digits are what recognizers look at hardest.
STAMP_EVERY = 40
# What the engine writes, for a gate without an engine.
PIECES = [
    FILLER[at % len(FILLER)] if at % STAMP_EVERY else f"t{1_700_000_000_000_000 + at * 25_000} "
    for at in range(RATE * SECONDS)
]
SINGLE = 30


@dataclass(slots=True, kw_only=True)
class Heard:
    """One stream as a client heard it. Delays in milliseconds, times in seconds of the wall clock.

    `tokens` is what the engine counted; `ended` says how, in the words of the one that was asked.
    """

    conversation: str = ""
    sent_at: float = 0.0
    first_at: float = 0.0
    delays: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    received: int = 0
    tokens: int = 0
    ended: str = ""

    def hear(self, text: str, now: float) -> None:
        if not text:
            return
        self.first_at = self.first_at or now
        self.text.append(text)
        self.arrivals.append(now)
        self.delays += [(now - int(stamp) / 1e6) * 1000 for stamp in STAMP.findall(text)]

    def take(self, frame: str, now: float) -> bool:
        """Fold a page's frame in; return whether the answer has ended."""
        if not frame.startswith("{"):
            self.hear(frame.split(" ", 2)[2], now)
            return False
        told = json.loads(frame)
        if told["type"] == "refused":
            self.ended = told["text"]
        elif told.get("conversation") == self.conversation:
            self._take(told, now)
        return bool(self.ended)

    def _take(self, told: dict[str, Any], now: float) -> None:
        match told["type"]:
            case "stream":
                self.hear(_text(told), now)
            case "state":
                self._end(told)
            case "message" if told["message"]["role"] == "assistant" and told["message"]["state"] in ENDED:
                # It ended before this page heard of its stream, and comes whole.
                if not self.text:
                    self.hear(_text(told["message"]), now)
                self._end(told["message"])

    def _end(self, told: dict[str, Any]) -> None:
        used = told["usage"] or {}
        self.ended, self.tokens = told["state"], used.get("answer", 0) + used.get("reasoning", 0)

    @property
    def first_ms(self) -> float:
        return (self.first_at - self.sent_at) * 1000


def _text(told: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in told.get("parts", []))


class Client:
    """One person's page."""

    def __init__(self, http: aiohttp.ClientSession, url: str, slug: str) -> None:
        self._http, self._url, self._slug = http, url, slug

    async def connect(self) -> None:
        self._socket = await self._http.ws_connect(
            f"{self._url}/o/{self._slug}/socket/", headers={"Origin": self._url}, max_msg_size=0
        )
        await self._socket.receive()

    async def ask(self, text: str, **wish: str) -> Heard:
        heard = Heard(conversation=str(uuid.uuid4()), sent_at=time.time())
        await self._socket.send_str(
            json.dumps(
                {
                    "action": "send",
                    "conversation": heard.conversation,
                    "message": str(uuid.uuid4()),
                    "parent": None,
                    "text": text,
                    "settings": wish,
                }
            )
        )
        async for message in self._socket:
            heard.received += len(message.data) + 2
            if heard.take(message.data, time.time()):
                break
        return heard


@asynccontextmanager
async def open_pages(workplace: Workplace, people: People) -> AsyncIterator[list[Client]]:
    """Open a page in each session."""
    async with AsyncExitStack() as opened:
        clients = []
        for key in people.keys:
            http = aiohttp.ClientSession(
                cookies={settings.SESSION_COOKIE_NAME: key}, connector=aiohttp.TCPConnector(limit=0)
            )
            clients.append(Client(await opened.enter_async_context(http), workplace.site.url, people.slug))
            await clients[-1].connect()
        yield clients


async def ask_directly(http: aiohttp.ClientSession, engine: str, text: str, **wish: Any) -> Heard:
    """Read the engine without anything between."""
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": text}], **wish}
    heard = Heard(sent_at=time.time())
    async with http.post(f"{engine}/v1/chat/completions", json=body) as response:
        async for line in response.content:
            now = time.time()
            if line.startswith(b"data: {"):
                told = json.loads(line[6:])
                heard.tokens = (told.get("usage") or {}).get("completion_tokens", heard.tokens)
                for choice in told.get("choices") or ():
                    heard.hear(choice["delta"].get("content") or "", now)
                    heard.ended = choice.get("finish_reason") or heard.ended
    return heard


async def measure_streams(workplace: Workplace) -> list[dict[str, object]]:
    """Measure one stream, then many with a few more beside them; the same under a policy; then both at once."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as bare:
        free = await sync_to_async(workplace.people)(STREAMS + PROBES)
        read = await sync_to_async(workplace.people)(STREAMS + PROBES, "Gated")
        await sync_to_async(gated.enforce)(read.slug)
        lines = [*await _one_and_many(workplace, bare, free)]
        single, many = await _one_and_many(workplace, bare, read)
        many["necessary_hold_ms"] = gated.necessary_hold_ms(PIECES, RATE)
        many["gate_us_per_token"] = await sync_to_async(gated.gate_us_per_token)(read.slug, many["tokens"])
        lines += [{**line, "bench": f"{line['bench']}-gate"} for line in (single, many)]
        # Pages of its own: one that reads nothing for long is closed by the server.
        async with open_pages(workplace, free) as without, open_pages(workplace, read) as under:
            return [*lines, await side_by_side(bare, workplace.engine, without, under)]


async def _one_and_many(
    workplace: Workplace, bare: aiohttp.ClientSession, people: People
) -> tuple[dict[str, Any], dict[str, Any]]:
    async with open_pages(workplace, people) as clients:
        return await one_stream(workplace, bare, clients[0]), await many_streams(workplace, bare, clients)


async def side_by_side(
    bare: aiohttp.ClientSession, engine: str, without: list[Client], under: list[Client]
) -> dict[str, Any]:
    """Compare the same streams without a policy and under one while both run, half of the many each.

    First a page of each in turns for the first token; what both take from each other, both feel.
    """
    script = prompt_for({"tokens": 8, "rate": RATE, "stamp": True})
    first: dict[str, list[float]] = {"without": [], "under": []}
    for _ in range(SINGLE + 3):
        first["without"].append((await without[0].ask(script)).first_ms)
        first["under"].append((await under[0].ask(script)).first_ms)
    await bare.post(f"{engine}/_reset")
    script = prompt_for({"tokens": RATE * SECONDS, "rate": RATE, "stamp": STAMP_EVERY})
    half = STREAMS // 2
    turns = [client for pair in zip(without[:half], under[:half], strict=True) for client in pair]
    heard = await asyncio.gather(*(client.ask(script) for client in turns))
    delays = {
        name: [delay for one in heard[at::2] for delay in one.delays] for at, name in enumerate(("without", "under"))
    }
    return {
        "bench": "streams-side-by-side",
        "streams": len(heard),
        "token_delay_ms": {name: spread(found) for name, found in delays.items()},
        "policy_adds_ms": {
            "p50": round(median(delays["under"]) - median(delays["without"]), 2),
            "p95": round(at95(delays["under"]) - at95(delays["without"]), 2),
        },
        "policy_adds_first_token_ms": round(median(first["under"][3:]) - median(first["without"][3:]), 2),
        "ended": sorted({one.ended for one in heard}),
    }


async def one_stream(workplace: Workplace, bare: aiohttp.ClientSession, client: Client) -> dict[str, object]:
    """Compare the first token through everything with the first token of the engine, in turns."""
    script = prompt_for({"tokens": 8, "rate": RATE, "stamp": True})
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


async def many_streams(workplace: Workplace, bare: aiohttp.ClientSession, clients: list[Client]) -> dict[str, Any]:
    """Run many streams; in their middle a few more begin."""
    script = {"tokens": RATE * SECONDS, "rate": RATE, "stamp": STAMP_EVERY}
    direct = await asyncio.gather(
        *(ask_directly(bare, workplace.engine, prompt_for({**script, "tokens": RATE * 5})) for _ in range(STREAMS))
    )
    await bare.post(f"{workplace.engine}/_reset")
    before, begun = workplace.cpu_seconds(), time.monotonic()
    running = [asyncio.create_task(client.ask(prompt_for(script))) for client in clients[:STREAMS]]
    await asyncio.sleep(SECONDS / 3)
    probes = []
    for client in clients[STREAMS:]:
        probes.append(asyncio.create_task(client.ask(prompt_for({**script, "tokens": RATE}))))
        await asyncio.sleep(0.3)
    heard = await asyncio.gather(*running)
    probed = await asyncio.gather(*probes)
    took, after = time.monotonic() - begun, workplace.cpu_seconds()
    tokens = sum(one.tokens for one in [*heard, *probed])
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
