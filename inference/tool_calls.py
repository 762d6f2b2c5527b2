"""Read the calls that a model wrote: each is whole JSON for a known tool, or has a problem."""

from __future__ import annotations

import ast
import json
import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from inference.controls import restore
from inference.events import ToolCall

CUT = "The call was cut off before it was complete."
NOT_JSON = "The call is not valid JSON."
NAMELESS = "The call does not name a tool."
NOT_AN_OBJECT = "The call's arguments are not a JSON object."
UNKNOWN = "There is no tool named “{name}”."
# Python's own parser is slower than JSON's; it refuses deep nesting by itself.
LONGEST_LITERAL = 20_000


@dataclass(slots=True, kw_only=True)
class Fragments:
    """One call as it comes in pieces."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallDeltas:
    """Put together the calls that a server streams: in pieces or whole, with or without ids and places."""

    def __init__(self) -> None:
        self._calls: list[Fragments] = []
        self._places: dict[int, Fragments] = {}

    def feed(self, deltas: list[Mapping[str, Any]]) -> None:
        """Take the pieces of one chunk."""
        for delta in deltas:
            function = delta.get("function") or {}
            call = self._call(delta, function)
            call.id = call.id or str(delta.get("id") or "")
            call.name = call.name or str(function.get("name") or "")
            arguments = function.get("arguments")
            if arguments is not None:
                call.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))

    def close(self, names: Collection[str], *, cut: bool) -> list[ToolCall]:
        """Return the calls. `cut` says that the answer was."""
        calls, self._calls = self._calls, []
        return [
            call_of(one.id, one.name, "".join(one.arguments), names, cut=cut and one is calls[-1]) for one in calls
        ]

    def _call(self, delta: Mapping[str, Any], function: Mapping[str, Any]) -> Fragments:
        place = delta.get("index")
        latest = self._calls[-1] if self._calls else None
        known = latest if place is None else self._places.get(place)
        # Ollama gives several whole calls the same place.
        is_other = known is not None and function.get("name") and delta.get("id") not in (None, "", known.id)
        # Without a place a name begins another call.
        is_other = is_other or (place is None and bool(function.get("name")))
        if known is None or is_other:
            known = Fragments()
            self._calls.append(known)
        if place is not None:
            self._places[int(place)] = known
        return known


def read_block(raw: str, names: Collection[str], *, cut: bool = False) -> ToolCall:
    """Return the call in a `<tool_call>` block."""
    found = _object(raw)
    if found is None:
        return _malformed("", "", raw, CUT if cut else NOT_JSON)
    name = found.get("name")
    if not isinstance(name, str) or not name:
        return _malformed("", "", raw, NAMELESS)
    arguments = found.get("arguments", found.get("parameters", {}))
    return call_of("", name, arguments if isinstance(arguments, str) else _json(arguments), names, cut=False)


def call_of(id: str, name: str, arguments: str, names: Collection[str], *, cut: bool) -> ToolCall:
    """Return a call whose parts are known apart."""
    known = declared_name(restore(name), names)
    found = _object(arguments) if arguments.strip() else {}
    if found is None:
        found = _first_object(arguments)
    if not name:
        return _malformed(id, "", arguments, NAMELESS)
    if found is None:
        problem = CUT if cut else NOT_JSON if _json_value(arguments) is None else NOT_AN_OBJECT
        return _malformed(id, known or name, arguments, problem)
    if known is None:
        return _malformed(id, name, arguments, UNKNOWN.format(name=restore(name)[:80]))
    return ToolCall(id=id or new_id(), name=known, arguments=restore(_json(found)))


def declared_name(name: str, names: Collection[str]) -> str | None:
    """Return the declared tool that a name means: LM Studio shows the model getWeather as get_weather."""
    if name in names:
        return name
    alike = [one for one in names if _plain(one) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def is_whole(raw: str) -> bool:
    """Say whether a block's text is an object already."""
    return _object(raw) is not None


def new_id() -> str:
    return f"call_{uuid.uuid4().hex[:24]}"


def _malformed(id: str, name: str, raw: str, problem: str) -> ToolCall:
    return ToolCall(id=id or new_id(), name=restore(name), arguments=restore(raw), problem=problem)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _object(text: str) -> dict[str, Any] | None:
    """Return the object that a text is: JSON, or the Python dictionary that models write for it."""
    found = _json_value(text)
    if found is None:
        found = _literal(text)
    return found if isinstance(found, dict) else None


def _json_value(text: str) -> Any:
    try:
        # Models write line breaks into strings.
        return json.loads(text, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _literal(text: str) -> Any:
    if len(text) > LONGEST_LITERAL:
        return None
    try:
        found = ast.literal_eval(text.strip())
        # What JSON has no form for is no argument.
        json.dumps(found, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found


def _first_object(text: str) -> dict[str, Any] | None:
    """Return the arguments that vLLM streams with a tail, when the model wrote them before the name."""
    try:
        found, end = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    tail = text.lstrip()[end:]
    return found if isinstance(found, dict) and re.match(r'\s*,\s*"name"\s*:', tail) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
