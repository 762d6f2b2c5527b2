"""A server at a real socket that answers as one engine was recorded, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

RECORDINGS = Path(__file__).parent / "recordings"
ENGINES = sorted(path.stem for path in RECORDINGS.glob("*.json"))


def recording(engine: str) -> dict[str, Any]:
    """Return an engine's recording."""
    found: dict[str, Any] = json.loads((RECORDINGS / f"{engine}.json").read_text())
    return found


@dataclass(kw_only=True)
class Replay:
    """What is answered to the next chats, in turn, and what was asked."""

    recorded: dict[str, Any]
    url: str = ""
    chats: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/chat/completions"):
            self.bodies.append(await request.json())
            self.headers.append(dict(request.headers))
            return await self._chat(request, self.chats.pop(0))
        told = self.recorded["answers"].get(f"{request.method} {request.path}")
        return web.json_response(told, status=200) if told is not None else web.json_response({}, status=404)

    async def _chat(self, request: web.Request, chat: dict[str, Any]) -> web.StreamResponse:
        if "status" in chat:
            body = chat["body"] if isinstance(chat["body"], str) else json.dumps(chat["body"])
            return web.Response(status=chat["status"], text=body, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for one in chat["chunks"]:
            line = one if isinstance(one, str) else f"data: {json.dumps(one)}"
            await response.write(f"{line}\n\n".encode())
        if chat.get("done", True):
            await response.write(b"data: [DONE]\n\n")
        return response


@asynccontextmanager
async def replaying(engine: str) -> AsyncIterator[Replay]:
    """Serve a recording."""
    replay = Replay(recorded=recording(engine))
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", replay.answer)
    server = TestServer(application)
    await server.start_server()
    replay.url = f"http://127.0.0.1:{server.port}{replay.recorded['base']}"
    try:
        yield replay
    finally:
        await server.close()
