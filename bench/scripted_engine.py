"""A stand-in engine for timing and faults: OpenAI's stream at any pace, with anything that can go wrong.

`python -m bench.scripted_engine --port 9000`. It says what it saw at `GET /_log`;
`POST /_card` makes it another model from now on, `POST /_pressure` changes what `GET /metrics` says of its load;
`POST /_reset` forgets all of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from aiohttp import web

from bench.script import Script, script_of
from bench.scripted_metrics import PRESSURE, page

CARD = {"id": "scripted", "object": "model", "owned_by": "vllm", "max_model_len": 1_048_576}
FILLER = ("the ", "river ", "bends ", "and ", "goes ", "on, ", "past ", "stones ")


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request as the engine saw it. Times in nanoseconds of the system's clock."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    received: int = field(default_factory=time.time_ns)
    first_byte: int | None = None
    last_byte: int | None = None
    closed_by_client: int | None = None
    sent: int = 0
    text: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return what is shown of it."""
        return {name: getattr(self, name) for name in self.__slots__}


class Reset(Exception):
    """The script wants the connection to break here."""


class ScriptedEngine:
    def __init__(self, default: Script) -> None:
        self._default = default
        self._seen: list[Seen] = []
        self._card: dict[str, Any] = CARD
        self._pressure = PRESSURE
        self._running = 0

    def application(self) -> web.Application:
        """Return the server's routes."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(
            [
                web.post("/v1/chat/completions", self._chat),
                web.get("/v1/models", self._models),
                web.post("/tokenize", self._tokenize),
                web.get("/metrics", self._metrics),
                web.get("/_log", self._log),
                web.post("/_card", self._become),
                web.post("/_pressure", self._press),
                web.post("/_reset", self._reset),
            ]
        )
        return application

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [self._card]})

    async def _tokenize(self, request: web.Request) -> web.Response:
        return web.json_response({"count": count((await request.json()).get("messages", []))})

    async def _log(self, request: web.Request) -> web.Response:
        return web.json_response([one.facts() for one in self._seen])

    async def _become(self, request: web.Request) -> web.Response:
        self._card = CARD | await request.json()
        return web.Response()

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=page(self._seen, self._running, self._card["id"], self._pressure))

    async def _press(self, request: web.Request) -> web.Response:
        self._pressure = PRESSURE | await request.json()
        return web.Response()

    async def _reset(self, request: web.Request) -> web.Response:
        self._seen.clear()
        self._pressure = PRESSURE
        self._card = CARD
        return web.Response()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self._running += 1
        try:
            return await self._answer(request)
        finally:
            self._running -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(body=orjson.loads(await request.read()))
        self._seen.append(seen)
        script = obedient(script_of(seen.body, self._default), seen.body)
        await asyncio.sleep(script.headers_ms / 1000)
        if refusal := refused(seen.body, self._card):
            return refusal
        if script.thinking_status != 200 and "thinking_token_budget" in seen.body:
            message = "reasoning_config is not configured, but thinking_token_budget is set."
            return error(script.thinking_status, "BadRequestError", message)
        if script.status != 200:
            return web.Response(status=script.status, text=script.body, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": script.content_type})
        await response.prepare(request)
        try:
            await self._stream(response, script, seen)
        except Reset:
            if request.transport is not None:
                request.transport.abort()
        except (ConnectionError, asyncio.CancelledError):
            seen.closed_by_client = time.time_ns()
            raise
        return response

    async def _stream(self, response: web.StreamResponse, script: Script, seen: Seen) -> None:
        begun = time.monotonic()
        await response.write(chunk({"role": "assistant", "content": ""}))
        for at, (name, text) in enumerate(pieces(script)):
            due = begun + script.first_ms / 1000 + at / script.rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            await fault(response, script, at)
            text = f"t{time.time_ns() // 1000} " if script.stamp and at % script.stamp == 0 else text
            seen.first_byte = seen.first_byte or time.time_ns()
            usage = usage_of(script, seen.sent + 1) if script.continuous else None
            await response.write(chunk({name: text}, usage=usage))
            seen.sent += 1
            seen.text += text
        seen.last_byte = time.time_ns()
        await close(response, script, seen)


def count(messages: list[dict[str, str]]) -> int:
    """Return the tokens of messages: one a byte, the most that a byte-level tokenizer makes of them."""
    return sum(len(one["content"].encode(errors="replace")) + 4 for one in messages)


def refused(body: dict[str, Any], card: dict[str, Any]) -> web.Response | None:
    """Refuse as vLLM does: another model's name, or more tokens than the context holds."""
    if body["model"] != card["id"]:
        return error(404, "NotFoundError", f"The model `{body['model']}` does not exist.")
    asked, most, context = count(body["messages"]), body.get("max_tokens", 0), card["max_model_len"]
    if asked + most <= context:
        return None
    return error(
        400,
        "BadRequestError",
        f"This model's maximum context length is {context} tokens. However, you requested {asked + most} tokens "
        f"({asked} in the messages, {most} in the completion).",
    )


def error(status: int, kind: str, message: str) -> web.Response:
    """Return an error in vLLM's shape."""
    told = {"message": message, "type": kind, "param": None, "code": status}
    return web.json_response({"error": told}, status=status)


def pieces(script: Script) -> Iterator[tuple[str, str]]:
    """Yield each token's field and text."""
    name = "content" if script.inline_think else "reasoning"
    for at in range(script.reasoning):
        opening = "<think>" if script.inline_think and at == 0 else ""
        closing = "</think>" if script.inline_think and at == script.reasoning - 1 else ""
        yield name, opening + FILLER[at % len(FILLER)] + closing
    if script.text is not None:
        for at in range(0, len(script.text), 4):
            yield "content", script.text[at : at + 4]
        return
    for at in range(script.tokens):
        yield "content", FILLER[at % len(FILLER)]


async def fault(response: web.StreamResponse, script: Script, at: int) -> None:
    """Do what goes wrong before this token."""
    if script.comments and at % 3 == 0:
        await response.write(b": keep-alive\n\n")
    if at == script.stall_at:
        await asyncio.sleep(3600)
    if at == script.reset_at:
        raise Reset
    if at == script.half_frame_at:
        await response.write(b'data: {"choices": [{"delta": {"con')
        raise Reset
    if at == script.error_at:
        await response.write(b'data: {"error": {"message": "secret /srv/models path"}}\n\n')
    if at == script.wrong_json_at:
        await response.write(b"data: {not json}\n\n")


async def close(response: web.StreamResponse, script: Script, seen: Seen) -> None:
    """Write the end: the calls, the reason, the usage, the mark."""
    for at, (name, arguments) in enumerate(script.calls):
        begun = {"index": at, "id": f"chatcmpl-tool-{at}", "type": "function", "function": {"name": name}}
        await response.write(chunk({"tool_calls": [begun]}))
        for part in (arguments[:5], arguments[5:]):
            await response.write(chunk({"tool_calls": [{"index": at, "function": {"arguments": part}}]}))
    await response.write(chunk({}, finish="tool_calls" if script.calls else script.finish))
    if script.usage:
        usage = usage_of(script, seen.sent)
        await response.write(b"data: " + orjson.dumps({"choices": [], "usage": usage}) + b"\n\n")
    if script.done:
        await response.write(b"data: [DONE]\n\n")


def usage_of(script: Script, sent: int) -> dict[str, Any]:
    """Return what the stream has cost so far."""
    return {
        "prompt_tokens": 7,
        "completion_tokens": sent,
        "completion_tokens_details": {"reasoning_tokens": min(script.reasoning, sent)},
    }


def obedient(script: Script, body: dict[str, Any]) -> Script:
    """Return a script that thinks only as the request allows, where it obeys."""
    if not script.obeys:
        return script
    last = body["messages"][-1]
    is_over = last["role"] == "assistant" and "</think>" in last["content"]
    thinks = (body.get("chat_template_kwargs") or {}).get("thinking") and not is_over
    budget = body.get("thinking_token_budget", script.reasoning)
    return replace(script, reasoning=min(script.reasoning, budget) if thinks else 0)


def chunk(delta: dict[str, Any], finish: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
    """Return one event of the stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"object": "chat.completion.chunk", "choices": [choice]} | ({"usage": usage} if usage else {})
    return b"data: " + orjson.dumps(told) + b"\n\n"


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9000)
    options = parser.parse_args()
    # A disconnect must cancel the handler, or a stream that nobody reads would go on.
    with contextlib.suppress(KeyboardInterrupt):
        web.run_app(
            ScriptedEngine(Script()).application(),
            host="127.0.0.1",
            port=options.port,
            handler_cancellation=True,
            print=None,
            access_log=None,
        )


if __name__ == "__main__":
    main()
