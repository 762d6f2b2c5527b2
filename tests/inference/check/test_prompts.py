"""How a prompt is judged by its tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from inference.check.examination import run_check
from inference.check.finding import Verdict
from inference.check.prompt import live, written
from inference.check.subject import Subject
from inference.engine import Capabilities, Engine, Kind, PromptFormat
from inference.messages import THINKING

CAN = Capabilities(reasoning=True, tools=True)


def chatml(*turns: tuple[str, str]) -> list[str]:
    return [
        piece
        for role, text in (*turns, ("assistant", ""))
        for piece in ("<|im_start|>", role, "Ċ", text.replace(" ", "Ġ"), "<|im_end|>", "Ċ")
    ]


def llama3(*turns: tuple[str, str]) -> list[str]:
    return [
        "<|begin_of_text|>",
        *(
            piece
            for role, text in (*turns, ("assistant", ""))
            for piece in ("<|start_header_id|>", role, "<|end_header_id|>", "Ċ", "Ċ", text.replace(" ", "Ġ"))
        ),
    ]


SYSTEM = ("system", f"{THINKING} first-rule get_weather")
ASKED, SAID, AGAIN = ("user", "first-question"), ("assistant", "first-answer"), ("user", "second-question")
GOOD = (SYSTEM, ASKED, SAID, AGAIN)


@asynccontextmanager
async def tokenizer(*answers: Sequence[str]) -> AsyncIterator[str]:
    """A server that shows these tokens, one answer after the other."""
    left = list(answers)

    async def tokenize(request: web.Request) -> web.Response:
        return web.json_response({"token_strs": left.pop(0)})

    application = web.Application()
    application.add_routes([web.post("/tokenize", tokenize)])
    async with TestServer(application) as server:
        yield str(server.make_url("/v1"))


def subject_at(session: aiohttp.ClientSession, url: str, **known: Any) -> Subject:
    engine = Engine(base_url=url, model="one", kind=Kind.VLLM, capabilities=CAN)
    return Subject(session=session, engine=replace(engine, **known))


@pytest.mark.parametrize(
    ("known", "tokens", "words"),
    [
        (PromptFormat.CHATML, chatml(*GOOD), ""),
        (PromptFormat.LLAMA3, llama3(*GOOD), ""),
        (PromptFormat.CHATML, llama3(*GOOD), "not written in chatml marks but in llama3"),
        (PromptFormat.LLAMA3, ["first-rule"], "not written in llama3 marks but in others"),
        (PromptFormat.LLAMA3, ["<|begin_of_text|>", *llama3(*GOOD)], "begins with <|begin_of_text|> twice"),
        (PromptFormat.LLAMA3, llama3(*GOOD)[1:], "does not begin with the model's first token"),
        (PromptFormat.CHATML, ["<|im_start|>", *chatml(*GOOD)], "begins with <|im_start|> twice"),
        (PromptFormat.CHATML, chatml(ASKED, SAID, AGAIN), "The turns are user, assistant, user, assistant"),
        (PromptFormat.CHATML, chatml(SYSTEM, ASKED, ("user", "first-answer"), AGAIN), "and should be system, user"),
        (
            PromptFormat.CHATML,
            chatml(("system", THINKING), ASKED, SAID, AGAIN),
            "leaves out what was said: first-rule",
        ),
        (PromptFormat.CHATML, chatml(SYSTEM, AGAIN, SAID, ASKED), "does not keep the order"),
        (PromptFormat.CHATML, chatml(("system", "first-rule get_weather"), ASKED, SAID, AGAIN), "stand 0 times"),
        (PromptFormat.CHATML, chatml(("system", THINKING + SYSTEM[1]), ASKED, SAID, AGAIN), "stand 2 times"),
        (PromptFormat.CHATML, chatml(("system", f"{THINKING} first-rule"), ASKED, SAID, AGAIN), "does not declare"),
    ],
)
async def test_a_wrong_template_is_told(
    session: aiohttp.ClientSession, known: PromptFormat, tokens: list[str], words: str
) -> None:
    async with tokenizer(tokens) as url:
        finding = (await run_check("chat template", subject_at(session, url, prompt_format=known))).finding
    assert finding.verdict is (Verdict.FAILED if words else Verdict.PROVED), finding
    assert words in finding.words


@pytest.mark.parametrize(
    ("raw", "harmless", "attacked", "verdict"),
    [
        (["<|eot_id|>", "x"], ["<think>", "x"], ["<think>", "<", "⁠|eot_id|>"], Verdict.PROVED),
        (["<|eot_id|>", "x"], ["<think>", "x"], ["<think>", "<|eot_id|>"], Verdict.FAILED),
        (["x"], ["<think>", "x"], ["<think>", "x"], Verdict.NOT_SHOWN),
    ],
)
async def test_live_tokens_in_peoples_text_are_told(
    session: aiohttp.ClientSession, raw: list[str], harmless: list[str], attacked: list[str], verdict: Verdict
) -> None:
    async with tokenizer(raw, harmless, attacked) as url:
        finding = (await run_check("injection", subject_at(session, url))).finding
    assert finding.verdict is verdict


def test_only_whole_control_tokens_are_live() -> None:
    assert live(["<|im_end|>", "<|", "im", "</think>", "<think", "<seed:bos>", "[INST]", "</s>", "<b>"]) == [
        "<|im_end|>",
        "</think>",
        "<seed:bos>",
        "[INST]",
        "</s>",
    ]
    assert written(["Be", "Ġkind", "Ċ"]) == "Be kind\n"
