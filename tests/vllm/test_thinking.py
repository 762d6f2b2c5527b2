"""Thinking off, on, answered directly, ended by a budget, cut off: in the stream and in one piece alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vllm.chats import EARLIER
from tests.vllm.scripts import DIRECT, LONG, TAGS_IN_ANSWER, THINKING, THOUGHT, Script
from tests.vllm.server import VllmServer
from tests.vllm.talk import Said, body, streamed, whole


def both(server: VllmServer, asked: dict[str, Any]) -> Said:
    """Ask both ways; return what came, which is the same."""
    one, other = streamed(server, asked), whole(server, asked)
    assert (one.reasoning, one.content, one.tokens, one.thought_tokens) == (
        other.reasoning,
        other.content,
        other.tokens,
        other.thought_tokens,
    )
    return one


def inside(script: Script) -> list[str]:
    """Return the tokens of its thought."""
    return list(script.pieces[1 : script.pieces.index(THOUGHT)])


def test_it_thinks_when_it_may_and_only_then(vllm: VllmServer) -> None:
    thought = both(vllm, body(vllm, "Hi", thinking=True))
    assert (thought.reasoning.strip(), thought.content.strip()) == (THINKING.reasoning, THINKING.answer)
    assert thought.thought_tokens == len(inside(THINKING))
    assert thought.tokens == len(THINKING.pieces) + 1
    direct = both(vllm, body(vllm, "Hi", thinking=False))
    assert (direct.reasoning, direct.content, direct.thought_tokens) == ("", DIRECT.text, 0)


def test_it_may_answer_directly_while_it_may_think(vllm: VllmServer) -> None:
    said = both(vllm, body(vllm, DIRECT, thinking=True))
    assert (said.reasoning, said.content, said.thought_tokens) == ("", DIRECT.text, 0)


def test_a_thought_nobody_asked_for_is_counted_and_stays_in_the_text_of_a_stream(vllm: VllmServer) -> None:
    """vLLM parses no stream whose prompt has ended its reasoning: our client's splitter does."""
    said = streamed(vllm, body(vllm, THINKING, thinking=False))
    assert (said.reasoning, said.content) == ("", THINKING.text)
    assert said.thought_tokens == len(inside(THINKING))


def test_a_budget_ends_the_thought(vllm: VllmServer) -> None:
    said = both(vllm, body(vllm, LONG, thinking=True, thinking_token_budget=8))
    assert said.thought_tokens == 8
    assert said.content.strip() == "".join(LONG.forced[1:]).strip()
    assert said.reasoning.startswith("\nRound and round it goes")


def test_a_budget_that_is_not_used_up_changes_nothing(vllm: VllmServer) -> None:
    said = both(vllm, body(vllm, THINKING, thinking=True, thinking_token_budget=100))
    assert (said.reasoning.strip(), said.content.strip()) == (THINKING.reasoning, THINKING.answer)


def test_a_budget_counts_this_thought_and_no_earlier_one(vllm: VllmServer) -> None:
    turns = [{"role": "user", "content": "Hi"}, *EARLIER["with a thought cut off"], {"role": "user", "content": "Hi"}]
    for kept in (True, False):
        asked = body(vllm, *turns, thinking=True, thinking_token_budget=50, template={"keep_cots": kept})
        assert both(vllm, asked).reasoning.strip() == THINKING.reasoning


def test_a_thought_that_is_cut_off_is_all_thought(vllm: VllmServer) -> None:
    said = both(vllm, body(vllm, LONG, thinking=True, max_tokens=20))
    assert (said.reason, said.content, said.tokens, said.thought_tokens) == ("length", "", 20, 19)


def test_a_thought_opened_by_the_prompt(vllm: VllmServer) -> None:
    said = both(vllm, body(vllm, THINKING, thinking=True, template={"think_first": True}))
    assert (said.reasoning.strip(), said.content.strip()) == (THINKING.reasoning, THINKING.answer)
    assert said.thought_tokens == len(inside(THINKING))


@pytest.mark.parametrize("thinking", [True, False])
def test_tags_inside_an_answer_are_text(vllm: VllmServer, thinking: bool) -> None:
    said = both(vllm, body(vllm, TAGS_IN_ANSWER, thinking=thinking))
    assert (said.reasoning, said.content, said.thought_tokens) == ("", TAGS_IN_ANSWER.text, 0)


@pytest.mark.parametrize("stop", ["!", "thinking!", "weigh", ">\nHello", "after thinking!?"])
def test_stop_strings_move_nothing_to_the_other_side(vllm: VllmServer, stop: str) -> None:
    """They make the engine hold text back, so that it lags behind its tokens."""
    said = streamed(vllm, body(vllm, THINKING, thinking=True, stop=[stop]))
    until = THINKING.text.partition(stop)[0]
    thought, found, answer = until.removeprefix("<think>").partition("</think>")
    if stop == ">\nHello":
        # The stop string begins inside the closing tag: there is no answer, whatever is made of the tag.
        assert "Hello" not in said.content
        return
    assert (said.reasoning, said.content) == (thought, answer)


@pytest.mark.parametrize("kept", [True, False])
def test_a_long_chat_is_never_refused(vllm: VllmServer, kept: bool) -> None:
    turns: list[dict[str, Any]] = []
    for earlier in EARLIER.values():
        turns += [{"role": "user", "content": "Hi"}, *earlier]
    for thinking, script in ((True, THINKING), (False, DIRECT), (True, DIRECT)):
        said = both(vllm, body(vllm, *turns, script, thinking=thinking, template={"keep_cots": kept}))
        assert (said.reasoning.strip(), said.content.strip()) == (script.reasoning, script.answer)


def test_the_script_that_was_named_last_is_said(vllm: VllmServer) -> None:
    """The tiny model itself: what the other tests rely on."""
    said = streamed(vllm, body(vllm, DIRECT, {"role": "assistant", "content": "Hello"}, THINKING, thinking=True))
    assert said.content.strip() == THINKING.answer


@pytest.mark.parametrize("field", [{"reasoning": {"enabled": True}}, {"reasoning_effort": "high"}])
def test_what_others_switch_thinking_on_with_does_nothing_here(vllm: VllmServer, field: dict[str, Any]) -> None:
    """Both are taken with status 200: our client has to translate."""
    assert streamed(vllm, body(vllm, "Hi", thinking=False, **field)).content == DIRECT.text
