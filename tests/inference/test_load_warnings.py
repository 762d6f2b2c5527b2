"""What an operator is told of an engine's load."""

from __future__ import annotations

from typing import Any

import pytest

from inference.load_warnings import warnings_of
from inference.samples import Presence, Sample

NOW = 1000.0


def sample(ago: float = 1.0, presence: Presence = Presence.UP, **numbers: Any) -> Sample:
    return Sample(at=NOW - ago, presence=presence, since=NOW - 300, **numbers)


def test_an_engine_at_ease_gives_no_warning() -> None:
    assert warnings_of([sample(running=40, waiting=0, cache=0.6, preemptions=0, refusals=0)], NOW) == []


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"waiting": 1, "running": 4}, "1 request waits inside the engine"),
        ({"waiting": 9, "running": 4}, "The queue is long: 9 wait and 4 run"),
        ({"refusals": 3}, "The queue is full: 3 requests were turned away in the last minute"),
        ({"preemptions": 1}, "1 preemption in the last minute"),
        ({"cache": 0.93}, "The KV cache is nearly full: 93% are in use"),
    ],
)
def test_what_weighs_on_it_is_said(numbers: dict[str, Any], words: str) -> None:
    (told,) = warnings_of([sample(**numbers)], NOW)
    assert words in told


def test_what_happened_over_a_minute_ago_is_past() -> None:
    assert warnings_of([sample(61, preemptions=5, refusals=5), sample(cache=0.2)], NOW) == []
    assert len(warnings_of([sample(59, preemptions=5, refusals=5), sample(cache=0.2)], NOW)) == 2


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([], "No worker has looked at this engine yet"),
        ([sample(40)], "for 40 seconds. Is the worker running?"),
        ([sample(presence=Presence.DOWN)], "The engine does not answer"),
        ([sample(presence=Presence.SILENT)], "offers no metrics"),
    ],
)
def test_what_is_not_there_is_said(samples: list[Sample], words: str) -> None:
    (told,) = warnings_of(samples, NOW)
    assert words in told
