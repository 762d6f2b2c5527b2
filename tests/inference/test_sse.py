from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import EngineBroken
from inference.sse import LONGEST_LINE, EventReader

STREAM = 'data: {"a": 1}\n\n: keep-alive\n\nevent: x\nid: 3\ndata: zwölf\ndata:dreizehn\n\ndata: [DONE]\n\n'.encode()
EVENTS = [b'{"a": 1}', "zwölf\ndreizehn".encode(), b"[DONE]"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@given(cuts=st.lists(st.integers(0, 120), max_size=8))
def test_it_reads_the_same_events_however_the_bytes_are_cut(end: bytes, cuts: list[int]) -> None:
    stream = STREAM.replace(b"\n", end)
    reader, got, start = EventReader(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        got += reader.feed(stream[start:cut])
        start = max(start, cut)
    assert got == EVENTS


def test_it_refuses_a_line_without_end() -> None:
    reader = EventReader()
    with pytest.raises(EngineBroken):
        reader.feed(b"data: " + b"x" * (LONGEST_LINE + 1))
