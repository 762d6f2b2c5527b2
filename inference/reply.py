"""Read the chunks of one streamed completion into events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from inference.call_splitter import CallSplitter
from inference.controls import Restorer
from inference.errors import EngineBroken
from inference.events import Event, Finished, Text
from inference.refusals import reported
from inference.request import ChatRequest
from inference.splitter import ThinkSplitter, begin_of
from inference.sse import EventReader
from inference.tool_calls import CallDeltas, read_block
from inference.turn_ends import TurnEnds
from inference.usage import Usage, usage_of

REASONING_FIELDS = ("reasoning", "reasoning_content", "thinking")
# The engine's own words for an answer that it gave up.
GIVEN_UP = ("error", "abort")
# Characters; a token has about four.
LONG_CHUNK = 12
MOST_BYTES = 64 * 1024 * 1024


class Reply:
    """Take bytes, yield events. Structure is only what the request asked for."""

    def __init__(self, request: ChatRequest) -> None:
        self.complete = False
        self.begun = False
        # Text that reached each channel: chunks and bytes.
        self.chunks = {"reasoning": 0, "answer": 0}
        self._sizes = {"reasoning": 0, "answer": 0}
        self._events = EventReader()
        self._splitter = ThinkSplitter(begin_of(request))
        self._names = [str((tool.get("function") or {}).get("name")) for tool in request.tools]
        self._blocks = CallSplitter() if request.tools else None
        self._deltas = CallDeltas()
        self._ends = {"reasoning": TurnEnds(), "answer": TurnEnds()}
        self._restorers = {"reasoning": Restorer(), "answer": Restorer()}
        self._bytes = 0
        self._reason = ""
        self._usage: Any = None
        self._timings: Any = None

    @property
    def thought(self) -> int:
        """About how many tokens of thought have come: the engine's own number while it tells, else an estimate."""
        if self._usage and not self._reason and not self.chunks["answer"]:
            return self.usage().reasoning
        chunks, size = self.chunks["reasoning"], self._sizes["reasoning"]
        # Engines send a token a chunk. Those whose chunks are longer than tokens are send several.
        return chunks if size <= chunks * LONG_CHUNK else size // 4

    def usage(self) -> Usage:
        """Return what it has cost so far. Raises EngineBroken."""
        return usage_of(self._usage, **self.chunks, timings=self._timings)

    def told(self) -> Usage | None:
        """Return what the engine itself has said of the cost so far, None where it has not."""
        if not (self._usage or self._timings):
            return None
        try:
            return self.usage()
        except EngineBroken:
            return None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes; yield what they bring. Raises InferenceError."""
        self._bytes += len(chunk)
        if self._bytes > MOST_BYTES:
            raise EngineBroken("The answer is larger than any answer may be.")
        for data in self._events.feed(chunk):
            if data == b"[DONE]":
                self.complete = True
                return
            yield from self._data(data)

    def close(self) -> Iterator[Event]:
        """Yield what was held back and how it ended. Raises EngineBroken when it did not end."""
        yield from self.rest()
        if not self._reason:
            raise EngineBroken("The stream ended before the answer did.")
        yield from self._deltas.close(self._names, cut=self._reason == "length")
        yield Finished(reason=self._reason, usage=self.usage())

    def rest(self) -> Iterator[Event]:
        """Yield the text that was held back."""
        for channel, text in self._splitter.close():
            yield from self._channel(channel, text)
        if self._blocks:
            yield from self._pieces(self._blocks.close())
        for channel, restorer in self._restorers.items():
            if rest := restorer.feed(self._ends[channel].close()) + restorer.close():
                yield Text(channel, rest)

    def _data(self, data: bytes) -> Iterator[Event]:
        try:
            chunk = orjson.loads(data)
            if chunk.get("error"):
                raise reported(chunk["error"])
            if chunk.get("usage"):
                self._usage = chunk["usage"]
            if chunk.get("timings"):
                self._timings = chunk["timings"]
            for choice in chunk.get("choices") or ():
                self._reason = choice.get("finish_reason") or self._reason
                yield from self._delta(choice.get("delta") or {})
        except (AttributeError, TypeError, ValueError) as error:
            raise EngineBroken("A chunk of the stream is not what it should be.") from error
        if self._reason in GIVEN_UP:
            raise EngineBroken("The engine gave the answer up.")

    def _delta(self, delta: dict[str, Any]) -> Iterator[Event]:
        for name in REASONING_FIELDS:
            if text := delta.get(name):
                if not self.chunks["reasoning"]:
                    # As within inline tags, one line break behind the opening tag belongs to the tag.
                    text = text.removeprefix("\n")
                    for channel, held in self._splitter.thought_comes_apart():
                        yield from self._channel(channel, held)
                yield from self._measured("reasoning", text)
                break
        if text := delta.get("content"):
            for channel, piece in self._splitter.feed(text):
                yield from self._measured(channel, piece)
        if calls := delta.get("tool_calls"):
            self.begun = True
            self._deltas.feed(calls)

    def _measured(self, channel: str, text: str) -> Iterator[Event]:
        self.chunks[channel] += 1
        self._sizes[channel] += len(text)
        return self._channel(channel, text)

    def _channel(self, channel: str, text: str) -> Iterator[Event]:
        if self._blocks and channel == "answer":
            return self._pieces(self._blocks.feed(text))
        return self._text(channel, text)

    def _pieces(self, pieces: Any) -> Iterator[Event]:
        for piece in pieces:
            if isinstance(piece, str):
                yield from self._text("answer", piece)
            else:
                self.begun = True
                yield read_block(piece.raw, self._names, cut=piece.cut)

    def _text(self, channel: str, text: str) -> Iterator[Event]:
        # PostgreSQL keeps no NUL; Markdown shows it as the same sign.
        text = self._ends[channel].feed(text.replace("\x00", "\ufffd"))
        if text and (text := self._restorers[channel].feed(text)):
            self.begun = True
            yield Text(channel, text)
