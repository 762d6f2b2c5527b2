"""What a broken server makes each check say: the scripted engine does what goes wrong."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bench.script import prompt_for
from inference.check.examination import CHECKS, TRIES, Outcome, run_check, run_checks
from inference.check.finding import Verdict
from inference.check.questions import Questions, parse_questions
from inference.check.report import conclusion, has_failed, line
from inference.check.subject import Subject
from inference.discovery import discover
from inference.engine import Deadlines, PromptFormat
from tests.environment import free_port

FAST = 4000
CONTEXT = 40_000
IMPATIENT = Deadlines(first_token=2.0, between_tokens=2.0)
CALL = ["get_weather", '{"city": "Paris"}']


@pytest.fixture
async def subject(session: aiohttp.ClientSession, scripted: str) -> AsyncIterator[Subject]:
    async with session.post(f"{scripted}/_card", json={"max_model_len": CONTEXT}):
        engine = await discover(session, base_url=f"{scripted}/v1", prompt_format=PromptFormat.LLAMA3)
    can = replace(engine.capabilities, budget=True)
    yield Subject(session=session, engine=replace(engine, capabilities=can), deadlines=IMPATIENT)
    async with session.post(f"{scripted}/_reset"):
        pass


async def asked(subject: Subject, name: str, question: str, **script: Any) -> Outcome:
    """Return what a check finds when the server answers one question so."""
    words = prompt_for({"rate": FAST, **script})
    return await run_check(name, replace(subject, questions=parse_questions({question: words})))


@pytest.mark.parametrize(
    ("name", "question", "script", "words"),
    [
        ("thinking off", "easy", {"reasoning": 6, "text": "42"}, "though thinking was off"),
        ("thinking off", "easy", {"text": ""}, "The answer is empty"),
        ("thinking off", "easy", {"text": "hm</think>42"}, "“</think>” stands in the answer"),
        ("thinking off", "easy", {"text": "42 <|im_start|>user"}, "“<|im_start|>” stands in the answer"),
        ("thinking on", "thoughtful", {"reasoning": 3, "text": "9</think>"}, "“</think>” stands in the answer"),
        ("thinking off", "easy", {"status": 500}, "did not answer as it should"),
        ("thinking off", "easy", {"reset_at": 2}, "did not answer as it should"),
        ("thinking off", "easy", {"content_type": "text/html"}, "did not answer with a stream"),
        ("thinking on", "thoughtful", {"reasoning": 6, "text": ""}, "The answer is empty"),
        ("thinking budget", "hard", {"reasoning": 200}, "The thought has 200 tokens, and 64 were allowed"),
        ("tool call", "weather", {"text": "x <tool_call> y"}, "calls and answer are not told apart"),
        ("JSON", "sentence", {"text": "Yes, it is."}, "The server was given a schema, and the answer does not fit."),
        ("JSON after thought", "thoughtful_verdict", {"reasoning": 6, "text": "{}"}, "the answer does not fit."),
        ("token counts", "easy", {"usage": False, "text": "42"}, "The engine tells no usage"),
        ("token counts", "easy", {"tokens": 20}, "told to have 20"),
        ("token counts", "easy", {"text": "42"}, "tokens and told to have 7"),
        ("earlier thoughts", "greeting", {"text": "Hi"}, "does not reach the model when it is to be kept"),
    ],
)
async def test_a_fault_is_told(
    subject: Subject, name: str, question: str, script: dict[str, Any], words: str
) -> None:
    outcome = await asked(subject, name, question, **script)
    assert outcome.finding.verdict is Verdict.FAILED
    assert words in outcome.finding.words
    assert has_failed([outcome])


@pytest.mark.parametrize(
    ("name", "question", "script", "words"),
    [
        ("thinking on", "thoughtful", {"text": "9"}, "answered directly"),
        ("thinking on", "thoughtful", {"reasoning": 9, "tokens": 0, "finish": "length"}, "did not come to an end"),
        ("direct answer", "greeting", {"reasoning": 3, "text": "Hi"}, "chose to think"),
        ("thinking budget", "hard", {"reasoning": 5, "text": "9"}, "thought 5 tokens, and 64 were allowed"),
        ("tool call", "weather", {"text": "I do not know."}, "did not call the tool"),
        ("tool call", "weather", {"calls": [["get_weather", '{"town": 1}']]}, "wrongly."),
        ("tool call", "weather", {"calls": [["get_time", "{}"]]}, "called “get_time” wrongly."),
        ("tool after thought", "thoughtful_weather", {"text": "", "calls": [CALL]}, "without a thought before it"),
        ("tool result", "weather", {"text": "I do not know."}, "the model said “I do not know.”"),
    ],
)
async def test_what_the_model_chose_is_no_fault_and_is_tried_again(
    subject: Subject, name: str, question: str, script: dict[str, Any], words: str
) -> None:
    outcome = await asked(subject, name, question, **script)
    assert (outcome.finding.verdict, outcome.tries) == (Verdict.NOT_SHOWN, TRIES)
    assert words in outcome.finding.words
    assert not has_failed([outcome])
    assert f"({TRIES} tries)" in " ".join(line(outcome).split())


@pytest.mark.parametrize(
    ("name", "question", "script", "words"),
    [
        ("thinking off", "easy", {"text": "4\x1b[2J2"}, "“4 [2J2”, and no thought"),
        ("thinking on", "thoughtful", {"reasoning": 6, "text": "9"}, "6 tokens thought, 1 answered"),
        ("thinking budget", "hard", {"reasoning": 200, "obeys": True}, "ended at 64 of 64 tokens by the engine"),
        ("tool call", "weather", {"text": "", "calls": [CALL]}, 'called get_weather with {"city": "Paris"}'),
        ("JSON", "sentence", {"text": '{"verdict": "yes"}'}, "fits the schema, held to it by the server"),
        ("stop", "endless", {"tokens": 100_000, "rate": 20}, "Running was 1 and is 0 again"),
    ],
)
async def test_what_works_is_proved_by_its_numbers(
    subject: Subject, name: str, question: str, script: dict[str, Any], words: str
) -> None:
    outcome = await asked(subject, name, question, **script)
    assert outcome.finding.verdict is Verdict.PROVED, outcome
    assert words in outcome.finding.words
    assert "\x1b" not in line(outcome)


async def test_a_server_without_its_reasoning_parser_is_helped_by_our_own_counting(subject: Subject) -> None:
    script = {"reasoning": 200, "obeys": True, "thinking_status": 400, "continuous": True}
    outcome = await asked(subject, "thinking budget", "hard", **script)
    assert outcome.finding.verdict is Verdict.PROVED
    assert "started without its reasoning parser" in outcome.finding.words


async def test_what_is_too_long_has_our_words(subject: Subject) -> None:
    outcome = await run_check("too long", subject)
    assert outcome.finding.verdict is Verdict.PROVED
    assert "and 39,999 fit" in outcome.finding.words


async def test_a_server_that_shortens_in_silence_is_told(subject: Subject) -> None:
    short = replace(subject, engine=replace(subject.engine, context_length=2000))
    outcome = await run_check("too long", short)
    assert outcome.finding.verdict is Verdict.NOT_SHOWN
    assert "took more than the 2,000 tokens" in outcome.finding.words


async def test_what_an_engine_does_not_offer_is_said_plainly(subject: Subject) -> None:
    can = replace(subject.engine.capabilities, reasoning=False, tools=False, schema=False)
    bare = replace(subject, engine=replace(subject.engine, capabilities=can))
    for name in (
        "thinking on",
        "thinking budget",
        "tool call",
        "tool result",
        "JSON",
        "JSON after thought",
        "injection",
    ):
        outcome = await run_check(name, bare)
        assert outcome.finding.verdict is Verdict.NOT_OFFERED, outcome
        assert outcome.tries == 1


async def test_nothing_more_is_tried_once_the_server_is_gone(
    session: aiohttp.ClientSession, subject: Subject
) -> None:
    gone = replace(subject.engine, base_url=f"http://127.0.0.1:{free_port()}/v1")
    outcomes = [one async for one in run_checks(session, gone, Questions(), IMPATIENT)]
    assert [one.finding.verdict for one in outcomes] == [Verdict.FAILED]
    assert "cannot be reached" in outcomes[0].finding.words
    assert conclusion(outcomes).endswith(f"{len(CHECKS) - 1} not tried any more.")


async def test_a_stop_among_others_answers_proves_nothing(
    session: aiohttp.ClientSession, scripted: str, subject: Subject
) -> None:
    other = {
        "messages": [{"role": "user", "content": prompt_for({"tokens": 100_000, "rate": 5})}],
        "model": "scripted",
    }
    async with session.post(f"{scripted}/v1/chat/completions", json=other) as answer:
        await answer.content.readany()
        outcome = await asked(subject, "stop", "endless", tokens=100_000, rate=20)
        answer.close()
    assert outcome.finding.verdict is Verdict.NOT_SHOWN
    assert "Others are being answered" in outcome.finding.words


async def test_every_check_uses_a_salt_of_its_own_kind(
    session: aiohttp.ClientSession, scripted: str, subject: Subject
) -> None:
    """What is asked here lies in no organization's cache."""
    mark = uuid.uuid4().hex
    await run_check("thinking off", replace(subject, questions=replace(subject.questions, easy=mark)))
    async with session.get(f"{scripted}/_log") as answer:
        (seen,) = [one["body"] for one in await answer.json() if mark in str(one["body"])]
    assert seen["cache_salt"] == subject.salt
