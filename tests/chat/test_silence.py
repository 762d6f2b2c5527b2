"""Who is dead, who is only late, and when nothing can be said."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from chat.silence import HUNG_SECONDS, LATE_SECONDS, LOOK_SECONDS, SILENT_SECONDS, Silence
from chat.watch import _dead
from chat.worker.beat import Pulse, connected_among
from tests.rows import in_thread
from tests.site import wait_until

WORKER = uuid.uuid4()
BEAT = datetime(2026, 11, 22, tzinfo=UTC)


def looked(silence: Silence, *beats: datetime | None, since: float = 100.0) -> list[dict[uuid.UUID, float]]:
    """Look at one worker every half second."""
    times = [since + LOOK_SECONDS * number for number in range(len(beats))]
    return [silence.lasting({WORKER: beat}, now) for beat, now in zip(beats, times, strict=True)]


@pytest.mark.parametrize("beat", [BEAT, None], ids=["a beat", "no row at all"])
def test_who_renews_nothing_is_silent(beat: datetime | None) -> None:
    found = looked(Silence(), *[beat] * 7)
    assert found == [{}, {}, {}, {}, {}, {WORKER: SILENT_SECONDS}, {WORKER: SILENT_SECONDS + LOOK_SECONDS}]


def test_each_beat_begins_anew() -> None:
    beats = [BEAT + timedelta(seconds=second) for second in range(4) for _ in range(5)]
    assert not any(looked(Silence(), *beats))


def test_a_watcher_that_had_no_turn_itself_begins_anew() -> None:
    silence = Silence()
    looked(silence, *[BEAT] * 5)
    assert silence.lasting({WORKER: BEAT}, 102.0 + LATE_SECONDS + 0.1) == {}
    assert looked(silence, *[BEAT] * 4, since=104.1) == [{}] * 4
    assert silence.lasting({WORKER: BEAT}, 106.2) == {WORKER: pytest.approx(2.6)}


def test_an_outage_of_the_database_proves_nothing() -> None:
    silence = Silence()
    looked(silence, *[BEAT] * 5)
    silence.forget()
    assert silence.lasting({WORKER: BEAT}, 102.5) == {}


async def test_a_late_worker_keeps_its_answers_while_it_is_connected(lasting: None) -> None:
    worker = uuid.uuid4()
    pulse = Pulse(worker)
    await pulse.beat("{}")
    assert await _dead({worker: SILENT_SECONDS}) == []
    assert await _dead({worker: HUNG_SECONDS}) == [worker]
    assert await _dead({worker: SILENT_SECONDS, WORKER: SILENT_SECONDS}) == [WORKER]
    await pulse.close()
    await in_thread(wait_until, lambda: not connected_among([worker]), "the end of the connection")
    assert await _dead({worker: SILENT_SECONDS}) == [worker]
    assert await _dead({}) == []
