"""What the engine does at its limits: stopped, full, too much asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from tests.site import wait_until
from tests.vllm.scripts import DIRECT, LONG, RAMBLE
from tests.vllm.server import QUEUE, STREAMS, VllmServer
from tests.vllm.talk import Refused, body, chunks, post, streamed

# Longer than any test takes, and shorter than the context.
ENDLESS = 15_000


def test_a_closed_connection_stops_the_answer(vllm: VllmServer) -> None:
    for script, thinking in ((LONG, True), (RAMBLE, False)):
        stream = chunks(vllm, body(vllm, script, thinking=thinking, max_tokens=ENDLESS))
        while not any(
            choice["delta"].get("reasoning" if thinking else "content") for choice in next(stream)["choices"]
        ):
            pass
        wait_until(lambda: vllm.running() == 1, "the engine's own count")
        before = vllm.metric("generation_tokens_total")
        stream.close()
        vllm.wait_idle()
        assert vllm.metric("generation_tokens_total") - before < ENDLESS - 100


def test_a_prompt_that_does_not_fit_is_refused(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, "word " * 5000, thinking=False))
    assert refused.value.status == 400
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, DIRECT, thinking=False, max_tokens=100_000))
    assert refused.value.status == 400


def test_a_full_queue_says_so_at_once(vllm: VllmServer) -> None:
    asked = body(vllm, RAMBLE, thinking=False, max_tokens=ENDLESS)
    streams = [chunks(vllm, asked) for _ in range(STREAMS + QUEUE)]
    with ThreadPoolExecutor(STREAMS + QUEUE) as threads:
        begun = [threads.submit(next, stream) for stream in streams]
        wait_until(lambda: (vllm.running(), vllm.waiting()) == (STREAMS, QUEUE), "a full queue")
        with pytest.raises(Refused) as refused:
            streamed(vllm, body(vllm, DIRECT, thinking=False))
        assert refused.value.status == 503
        # Those that are answered make room for those that wait.
        for one in as_completed(begun):
            streams[begun.index(one)].close()
    vllm.wait_idle()
    assert streamed(vllm, body(vllm, DIRECT, thinking=False)).content == DIRECT.text


def test_more_than_one_answer_at_once_is_refused(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        post(vllm, "/v1/chat/completions", body(vllm, DIRECT, thinking=False, n=2))
    assert refused.value.status == 400


def test_a_model_that_is_not_there_is_not_found(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, DIRECT, thinking=False, model="another"))
    assert refused.value.status == 404
    assert vllm.model in refused.value.text


@pytest.mark.parametrize("salt", ["a" * 129, "a/b", "a@b", "a\\b", "a\x00b"])
def test_what_a_salt_must_not_be(vllm: VllmServer, salt: str) -> None:
    with pytest.raises(Refused) as refused:
        streamed(vllm, body(vllm, DIRECT, thinking=False, cache_salt=salt))
    assert refused.value.status == 400


def test_a_salt_parts_the_caches(vllm: VllmServer) -> None:
    def cached(salt: str) -> int:
        asked = body(vllm, "The same long words. " * 40, DIRECT, thinking=False, cache_salt=salt)
        return int((streamed(vllm, asked).usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)

    assert cached(f"one-{vllm.port}") == 0
    assert cached(f"one-{vllm.port}") > 0
    assert cached(f"two-{vllm.port}") == 0
