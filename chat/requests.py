"""What a browser may ask over its socket: a closed set, checked before anything is done with it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from chat.errors import Invalid
from chat.wish import PLAIN, Wish, parse_wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    conversation: uuid.UUID
    have: dict[uuid.UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    conversation: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    conversation: uuid.UUID
    message: uuid.UUID
    parent: uuid.UUID | None
    text: str
    wish: Wish = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Regenerate:
    conversation: uuid.UUID
    message: uuid.UUID
    answer: uuid.UUID
    wish: Wish = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue:
    generation: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    generation: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    conversation: uuid.UUID
    message: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    pass


Request = Open | Close | Send | Regenerate | Continue | Stop | Select | Ping
Facts = Mapping[str, Any]


class NotTheProtocol(Exception):
    """The frame is not a JSON object."""


def decode(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a frame; raises NotTheProtocol."""
    try:
        facts = orjson.loads(text)
    except orjson.JSONDecodeError:
        facts = _leniently(text)
    if not isinstance(facts, dict):
        raise NotTheProtocol
    return facts


def _leniently(text: str | bytes) -> object:
    # A browser sends half of a surrogate pair as an escape. It gets a sentence, not a closed socket.
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotTheProtocol from error


def ref_of(facts: Facts) -> str | None:
    """Return what the browser wants to find in the answer."""
    ref = facts.get("ref")
    return ref if isinstance(ref, str) and len(ref) <= 64 and ref.isprintable() else None


def parse(facts: Facts) -> Request:
    """Return the request that a frame makes; raises Invalid with a sentence."""
    action = facts.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        known = ", ".join(ACTIONS)
        raise Invalid(f"There is no such action here. Known actions: {known}.")
    return ACTIONS[action](facts)


def parse_send(facts: Facts) -> Send:
    """Return a send; raises Invalid."""
    text = facts.get("text")
    if not isinstance(text, str):
        raise Invalid("“text” must be a string.")
    if not text.isprintable() and _has_lone_surrogate(text):
        raise Invalid("The message contains half of a surrogate pair, which is not text.")
    parent = facts.get("parent")
    return Send(
        conversation=_id(facts, "conversation"),
        message=_id(facts, "message"),
        parent=None if parent is None else _id(facts, "parent"),
        text=text,
        wish=parse_wish(facts),
    )


def _parse_open(facts: Facts) -> Open:
    have = facts.get("have", {})
    if not isinstance(have, dict) or len(have) > 100:
        raise Invalid("“have” must be an object of generation ids and sequence numbers.")
    return Open(
        conversation=_id(facts, "conversation"),
        have={_as_id(key, "have"): _as_sequence(value) for key, value in have.items()},
    )


def _parse_regenerate(facts: Facts) -> Regenerate:
    return Regenerate(
        conversation=_id(facts, "conversation"),
        message=_id(facts, "message"),
        answer=_id(facts, "answer"),
        wish=parse_wish(facts, again=None if facts.get("again") is None else _id(facts, "again")),
    )


def _id(facts: Facts, name: str) -> uuid.UUID:
    return _as_id(facts.get(name), name)


def _as_id(value: object, name: str) -> uuid.UUID:
    if not isinstance(value, str) or len(value) != 36:
        raise Invalid(f"“{name}” must be a UUID.")
    try:
        return uuid.UUID(value)
    except ValueError:
        raise Invalid(f"“{name}” must be a UUID.") from None


def _as_sequence(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Invalid("A sequence must be a whole number, not below zero.")
    return value


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


ACTIONS: dict[str, Callable[[Facts], Request]] = {
    "open": _parse_open,
    "close": lambda facts: Close(conversation=_id(facts, "conversation")),
    "send": parse_send,
    "regenerate": _parse_regenerate,
    "continue": lambda facts: Continue(generation=_id(facts, "generation")),
    "stop": lambda facts: Stop(generation=_id(facts, "generation")),
    "select": lambda facts: Select(conversation=_id(facts, "conversation"), message=_id(facts, "message")),
    "ping": lambda facts: Ping(),
}
