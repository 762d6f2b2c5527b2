"""Ask a server in its own words, without our client in between."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.vllm.scripts import Script
from tests.vllm.server import VllmServer

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Say what the weather is.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
TIME_TOOL = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Say what time it is.",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]},
    },
}
CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}
YES_SCHEMA = {"enum": ["yes"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer, put together from its stream or as it came whole."""

    reasoning: str = ""
    content: str = ""
    calls: Sequence[tuple[str, str]] = ()
    reason: str = ""
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        return int(self.usage["completion_tokens"])

    @property
    def thought_tokens(self) -> int:
        return int(self.usage["completion_tokens_details"]["reasoning_tokens"])


class Refused(Exception):
    """The server answered with another status than 200."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


def body(server: VllmServer, *turns: dict[str, Any] | Script | str, thinking: bool, **more: Any) -> dict[str, Any]:
    """Return a chat's body: a script or a text is the user's turn."""
    chosen = {"thinking": thinking, "enable_thinking": thinking, **more.pop("template", {})}
    return {
        "model": server.model,
        "messages": [turn if isinstance(turn, dict) else _user(turn) for turn in turns],
        "max_tokens": 100,
        "temperature": 0,
        "chat_template_kwargs": chosen,
        **more,
    }


def schema(document: dict[str, Any]) -> dict[str, Any]:
    """Return the response format that binds an answer to a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": document, "strict": True}}


def post(server: VllmServer, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask for one object. Raises Refused."""
    with _open(server, path, asked) as answer:
        return dict(json.load(answer))


def whole(server: VllmServer, asked: dict[str, Any]) -> Said:
    """Ask for an answer in one piece. Raises Refused."""
    answer = post(server, "/v1/chat/completions", asked)
    choice = answer["choices"][0]
    message = choice["message"]
    return Said(
        reasoning=message.get("reasoning") or "",
        content=message.get("content") or "",
        calls=[(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls") or ()],
        reason=choice["finish_reason"],
        usage=answer["usage"],
    )


def streamed(server: VllmServer, asked: dict[str, Any]) -> Said:
    """Ask for an answer as a stream and put it together. Raises Refused."""
    reasoning, content, reason = "", "", ""
    usage: dict[str, Any] = {}
    calls: dict[int, list[str]] = {}
    for chunk in chunks(server, asked):
        usage = chunk.get("usage") or usage
        for choice in chunk["choices"]:
            reason = choice.get("finish_reason") or reason
            reasoning += choice["delta"].get("reasoning") or ""
            content += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls") or ():
                name, arguments = calls.setdefault(call["index"], ["", ""])
                told = call["function"]
                calls[call["index"]] = [name + (told.get("name") or ""), arguments + (told.get("arguments") or "")]
    together = [(name, arguments) for name, arguments in calls.values()]
    return Said(reasoning=reasoning, content=content, calls=together, reason=reason, usage=usage)


def chunks(server: VllmServer, asked: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
    """Yield the chunks of a stream; closing the generator closes the connection. Raises Refused."""
    with _open(server, "/v1/chat/completions", {**asked, "stream": True}) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                chunk = json.loads(line.removeprefix(b"data: "))
                assert "error" not in chunk, chunk
                yield chunk


def rendered(server: VllmServer, asked: dict[str, Any]) -> list[str]:
    """Return the prompt's tokens as the server counts them. Raises Refused."""
    names = ("model", "messages", "tools", "chat_template_kwargs", "continue_final_message", "add_generation_prompt")
    told = {name: asked[name] for name in names if name in asked}
    return list(post(server, "/tokenize", {**told, "return_token_strs": True})["token_strs"])


def prompt_ids(server: VllmServer, asked: dict[str, Any]) -> list[int]:
    """Return the prompt's tokens that an answer was really made from. Raises Refused."""
    answer = post(server, "/v1/chat/completions", {**asked, "max_tokens": 1, "return_token_ids": True})
    return list(answer["prompt_token_ids"])


def _user(turn: Script | str) -> dict[str, str]:
    return {"role": "user", "content": turn.prompt if isinstance(turn, Script) else turn}


def _open(server: VllmServer, path: str, asked: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{server.root_url}{path}",
        data=json.dumps(asked).encode(),
        headers={"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"},
    )
    try:
        return urllib.request.urlopen(request, timeout=120)
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read().decode()) from error
