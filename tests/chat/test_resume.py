"""Whatever the interleaving of deltas, drops, resumes, restarts and stops: snapshot + events = the final row."""

from __future__ import annotations

import uuid
from collections import deque
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chat.followed import Followed, catch_up
from chat.foresight import Place
from chat.frames import STEPS
from chat.snapshot import Snapshot, Writing
from chat.socket_view import SocketView
from chat.token_log import Entry, contiguous, fold
from chat.transcript import Transcript
from chat.visibility import Sight
from chat.worker.run import Run
from tests.reader import Reader

READERS = st.integers(0, 2)
# Marks that the wire format uses itself must be as ordinary as letters.
WORDS = st.text(st.sampled_from("ab ~#{0\n\u00e9\U0001f600"), min_size=1, max_size=4)
CHANNELS = st.sampled_from("arj")
KINDS = {"a": "text", "r": "reasoning", "j": "json"}
EVERYTHING, NO_REASONING = Sight(reasoning=True), Sight(reasoning=False)


class Oracle:
    """What may be seen, one character at a time. It knows nothing of entries, numbers or folding."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def say(self, channel: str, text: str) -> None:
        self.steps += [(KINDS[channel], character) for character in text]

    def parts(self) -> list[dict[str, Any]]:
        found = []
        for kind, steps in groupby(self.steps, key=lambda step: step[0]):
            texts = [text for _, text in steps]
            if kind == "notice":
                found += [{"type": kind, "code": "told", "text": text} for text in texts]
            else:
                found.append({"type": kind, "text": "".join(texts)})
        return found

    def retract(self, part: int, keep: int) -> None:
        kept: list[tuple[str, str]] = []
        for at, one in enumerate(self.parts()):
            characters = [one["text"]] if one["type"] == "notice" else list(one["text"])
            kept += [(one["type"], text) for text in (characters[:keep] if at == part else characters)]
        self.steps = kept


class OpenPage:
    """A page of somebody: its copy, its socket on the server, and frames that are still under way."""

    def __init__(self, sight: Sight = EVERYTHING) -> None:
        self.sight = sight
        self.reader = Reader()
        self.view: SocketView | None = None
        self.snapshot: Snapshot | None = None
        self.have: dict[str, int] = {}
        self.under_way: deque[str] = deque()

    # What the follower calls

    def show(self, generation_id: uuid.UUID, entries: Any) -> None:
        assert self.view is not None
        self.view.show(generation_id, entries)
        self._sent()

    def replace(self, generation_id: uuid.UUID, sequence: int, parts: Any) -> None:
        assert self.view is not None
        self.view.replace(generation_id, sequence, parts)
        self._sent()

    def look(self, generation_id: uuid.UUID) -> None:
        raise AssertionError("the follower itself is not here")

    def wait(self, generation_id: uuid.UUID, place: Place | None) -> None:
        raise AssertionError("the follower itself is not here")

    def unsettled(self, words: str) -> None:
        raise AssertionError("the follower itself is not here")

    async def flush(self) -> None:
        raise AssertionError("the follower itself is not here")

    def _sent(self) -> None:
        assert self.view is not None
        self.under_way.extend(self.view.frames)
        self.view.frames.clear()

    # What its person does

    def connect(self, snapshot: Snapshot) -> None:
        self.view = SocketView()
        self.view.sight = self.sight
        self.snapshot = snapshot
        self.have = self.reader.have()
        self.view.show_conversation(snapshot, None)
        self._sent()

    def follow(self, followed: Followed) -> None:
        assert self.snapshot is not None
        snapshot, self.snapshot = self.snapshot, None
        self._follow(snapshot, {uuid.UUID(one): at for one, at in self.have.items()}, followed)

    def refresh(self, snapshot: Snapshot, followed: Followed) -> None:
        assert self.view is not None
        left = self.view.update_conversation(snapshot)
        if left:
            followed.watchers.pop(self, None)
        self._sent()
        self._follow(snapshot, left, followed)

    def _follow(self, snapshot: Snapshot, have: dict[uuid.UUID, int], followed: Followed) -> None:
        assert self.view is not None
        for one in snapshot.writing:
            if one.generation_id in self.view.streams:
                continue
            known = self.view.begin_stream(snapshot.conversation_id, one, have.get(one.generation_id, 0))
            followed.watchers[self] = None
            catch_up(self, followed, known)
            self._sent()

    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.under_way))):
            self.reader.fold(self.under_way.popleft())

    def seen(self, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return parts as this page's person may see them."""
        if self.sight == EVERYTHING:
            return parts
        return [{**one, "text": "", "hidden": True} if one["type"] == "reasoning" else one for one in parts]

    def drop(self) -> None:
        self.view = self.snapshot = None
        self.under_way.clear()
        self.reader.lose_connection()


class OneAnswer(RuleBasedStateMachine):
    """A worker writes one answer while pages come, lag behind, lose their connection and come back."""

    @initialize()
    def begin(self) -> None:
        self.conversation, self.answer, self.generation = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        # An earlier answer beside it, which its person may look at meanwhile.
        self.earlier, self.selected = uuid.uuid4(), self.answer
        self.log: list[Entry] = []
        self.state, self.row_sequence = "running", 0
        self.row_parts: list[dict[str, Any]] = []
        self.run_ = Run(generation_id=self.generation, epoch=1, sequence=0, transcript=Transcript())
        self.released, self.written = Oracle(), Oracle()
        self.right_at: dict[int, list[dict[str, Any]]] = {0: []}
        self.followed: Followed | None = None
        self.read = 0
        self.pages = [OpenPage(), OpenPage(), OpenPage(NO_REASONING)]

    # The worker

    def running(self) -> bool:
        return self.state == "running"

    @precondition(running)
    @rule(channel=CHANNELS, text=WORDS, at_once=st.booleans())
    def release(self, channel: str, text: str, at_once: bool) -> None:
        self.run_.release(channel, text)
        self.released.say(channel, text)
        if at_once:
            self.write()

    @precondition(running)
    @rule(text=WORDS)
    def notice(self, text: str) -> None:
        self.run_.notice("told", text)
        self.released.steps.append(("notice", text))

    @precondition(running)
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        texts = [at for at, part in enumerate(self.released.parts()) if part["type"] != "notice"]
        if not texts:
            return
        part = data.draw(st.sampled_from(texts))
        # A part keeps a character: the oracle, which knows only characters, would forget an empty one.
        keep = data.draw(st.integers(1, len(self.released.parts()[part]["text"])))
        self.run_.retract(part, keep)
        self.released.retract(part, keep)

    @precondition(running)
    @rule()
    def write(self) -> None:
        if not self.run_.dirty:
            return
        for entry in self.run_.take():
            self._append(entry)
        self.written.steps = list(self.released.steps)
        self.right_at[self.run_.sequence] = self.released.parts()

    @precondition(running)
    @rule()
    def checkpoint(self) -> None:
        self.write()
        self.row_sequence, self.row_parts = self.run_.sequence, self.run_.transcript.parts()

    @precondition(running)
    @rule(noticed=st.booleans())
    def lose_the_log(self, noticed: bool) -> None:
        """Redis starts again empty. The worker sees its connection break, or was silent just then."""
        self.log.clear()
        self.read = 0
        self.run_.needs_snapshot = self.run_.needs_snapshot or noticed

    @precondition(running)
    @rule(late=WORDS)
    def take_over(self, late: str) -> None:
        """The worker is silent; another one goes on from what was shown. The first one wakes up too late."""
        run = contiguous(self.log)
        if not run or run[-1].sequence < self.row_sequence:
            return
        zombie = self.run_
        self._append(Entry(epoch=zombie.epoch + 1, sequence=run[-1].sequence + 1, kind="f", value=""))
        self.run_ = Run(
            generation_id=self.generation,
            epoch=zombie.epoch + 2,
            sequence=run[-1].sequence + 1,
            transcript=fold(Transcript(), run),
            needs_snapshot=True,
        )
        self.released.steps = list(self.written.steps)
        zombie.release("a", late)
        for entry in zombie.take():
            assert not self._append(entry), "a fenced worker wrote"

    @precondition(running)
    @rule(state=st.sampled_from(["done", "stopped", "failed", "interrupted"]), tell=st.booleans())
    def end(self, state: str, tell: bool) -> None:
        self.write()
        self.run_.transcript.annotate("reasoning", seconds=1.5, tokens=3)
        last = self.run_.last_entry({"state": state, "words": "", "usage": {}, "reasoning": self._thought()})
        self.row_parts, self.row_sequence, self.state = self.run_.transcript.parts(), last.sequence, state
        if tell:
            self._append(last)

    def _thought(self) -> dict[str, Any]:
        facts = next((part for part in self.run_.transcript.parts() if part["type"] == "reasoning"), {})
        return {name: facts[name] for name in ("seconds", "tokens") if name in facts}

    def _append(self, entry: Entry) -> bool:
        """Append as Redis does: an id must be above the last one."""
        if self.log and (entry.epoch, entry.sequence) <= (self.log[-1].epoch, self.log[-1].sequence):
            return False
        self.log.append(entry)
        return True

    # The web process

    @rule(count=st.integers(1, 4))
    def hear(self, count: int) -> None:
        if self.followed is None or self.read >= len(self.log):
            return
        entries = self.log[self.read : self.read + count]
        self.read += len(entries)
        if not self.followed.hear(entries) and self.running():
            self.run_.needs_snapshot = True

    @rule()
    def start_web_again(self) -> None:
        self.followed = None
        for page in self.pages:
            page.drop()

    @precondition(lambda self: not self.running())
    @rule()
    def look_at_the_row(self) -> None:
        """The log is silent and the row has ended."""
        if self.followed is not None:
            for page in list(self.followed.watchers):
                assert isinstance(page, OpenPage)
                self._show_row(page)

    def _show_row(self, page: OpenPage) -> None:
        if page.view is not None and page.view.streams.pop(self.generation, None) is not None:
            page.view.show_message(self._snapshot(page), self.answer)
            page._sent()

    # People

    @rule(who=READERS, at_once=st.booleans())
    def connect(self, who: int, at_once: bool = True) -> None:
        page = self.pages[who]
        if page.view is None:
            page.connect(self._snapshot(page))
        if at_once:
            self.follow(who)

    @rule(who=READERS)
    def follow(self, who: int) -> None:
        page = self.pages[who]
        if page.snapshot is not None:
            page.follow(self._opened())

    @rule(who=READERS, there_and_back=st.booleans())
    def select(self, who: int, there_and_back: bool) -> None:
        """Somebody turns to the other answer. One page hears of it, the others later."""
        for _ in range(1 + there_and_back):
            self.selected = self.earlier if self.selected == self.answer else self.answer
            self.refresh(who)

    @rule(who=READERS)
    def refresh(self, who: int) -> None:
        page = self.pages[who]
        self.connect(who, at_once=True)
        page.refresh(self._snapshot(page), self._opened())

    @rule(who=READERS, count=st.integers(1, 5))
    def deliver(self, who: int, count: int) -> None:
        page = self.pages[who]
        for _ in range(count):
            page.deliver(1)
            at = page.reader.sequences.get(str(self.answer))
            if at in self.right_at and self.running():
                assert page.reader.parts[str(self.answer)] == page.seen(self.right_at[at])

    @rule(who=READERS)
    def lose_connection(self, who: int) -> None:
        page = self.pages[who]
        if self.followed is not None:
            self.followed.watchers.pop(page, None)
        page.drop()

    def _opened(self) -> Followed:
        if self.followed is None:
            self.followed = Followed(generation_id=self.generation)
            for entry in contiguous(self.log):
                self.followed.take(entry)
            self.read = len(self.log)
        return self.followed

    def _snapshot(self, page: OpenPage) -> Snapshot:
        writing = Writing(
            generation_id=self.generation, message_id=self.answer, state=self.state, sequence=self.row_sequence
        )
        is_selected = self.selected == self.answer
        return Snapshot(
            conversation_id=self.conversation,
            version=datetime(2026, 11, 21, tzinfo=UTC),
            conversation={"id": str(self.conversation), "title": ""},
            messages=[self._message(page) if is_selected else self._earlier_message(page)],
            writing=[writing] if is_selected and self.running() else [],
        )

    def _message(self, page: OpenPage) -> dict[str, Any]:
        return {
            "id": str(self.answer),
            "role": "assistant",
            "parts": [dict(part) for part in page.seen(self.row_parts)],
            "siblings": [str(self.earlier), str(self.answer)],
            "generation": str(self.generation),
            "state": self.state,
            "sequence": self.row_sequence,
        }

    def _earlier_message(self, page: OpenPage) -> dict[str, Any]:
        facts = {
            "id": str(self.earlier),
            "parts": [],
            "generation": str(uuid.uuid4()),
            "state": "done",
            "sequence": 1,
        }
        return {**self._message(page), **facts}

    def teardown(self) -> None:
        if not hasattr(self, "run_"):
            return
        if self.running():
            self._everybody_is_right_in_the_middle()
            self.end("done", True)
        assert [_bare(part) for part in self.row_parts] == self.released.parts()
        for who, page in enumerate(self.pages):
            self._bring_up_to_date(who)
            self._show_row(page)
            page.deliver(len(page.under_way))
            assert page.reader.parts[str(self.answer)] == page.seen(self.row_parts)
            assert page.reader.states[str(self.answer)] == self.state

    def _everybody_is_right_in_the_middle(self) -> None:
        self.run_.needs_snapshot = self.run_.needs_snapshot or not contiguous(self.log)
        self.write()
        for who, page in enumerate(self.pages):
            self._bring_up_to_date(who)
            page.deliver(len(page.under_way))
            assert page.reader.parts[str(self.answer)] == page.seen(self.released.parts())

    def _bring_up_to_date(self, who: int) -> None:
        self.selected = self.answer
        self.refresh(who)
        self.hear(len(self.log) + 1)


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("seconds", "tokens")}


TestOneAnswer = OneAnswer.TestCase
TestOneAnswer.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)


def test_every_cut_of_a_stream_can_be_resumed() -> None:
    """A page is cut off after each frame, with what was shown at each earlier point, and comes back."""
    run = Run(generation_id=uuid.uuid4(), epoch=1, sequence=0, transcript=Transcript())
    log: list[Entry] = []
    right: list[list[dict[str, Any]]] = [[]]
    for step in ("rThink", "r hard", "aYes", "n", "a and", "x", "a no", "s", "a.", "j{", "j}"):
        kind, text = step[0], step[1:]
        if kind in KINDS:
            run.release(kind, text)
        elif kind == "n":
            run.notice("told", "Something")
        elif kind == "x":
            run.retract(1, 2)
        else:
            run.needs_snapshot = True
        log += run.take()
        right.append(run.transcript.parts())
    assert {entry.kind for entry in log} == {*STEPS, "n", "s"}
    for first in range(len(log) + 1):
        for second in range(first, len(log) + 1):
            reader = Reader()
            reader.parts["answer"] = []
            _show(reader, log[:first], None)
            assert reader.parts["answer"] == right[first]
            _show(reader, log[:second], reader.sequences["answer"])
            assert (reader.parts["answer"], reader.sequences["answer"]) == (right[second], second)
            reader.lose_connection()
            _show(reader, log, reader.sequences["answer"])
            assert reader.parts["answer"] == right[-1], (first, second)


def _show(reader: Reader, log: list[Entry], have: int | None) -> None:
    generation, message, conversation = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    followed = Followed(generation_id=generation)
    for entry in contiguous(log):
        followed.take(entry)
    page = OpenPage()
    page.view = SocketView()
    page.view.sight = page.sight
    writing = Writing(generation_id=generation, message_id=message, state="running", sequence=0)
    catch_up(page, followed, page.view.begin_stream(conversation, writing, have or 0))
    page._sent()
    for frame in page.under_way:
        reader.fold(frame.replace(str(message), "answer"))
