"""Inline tool calls: the same calls and the same text however the output is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.call_splitter import CallSplitter
from inference.events import ToolCall
from inference.tool_calls import CUT, NAMELESS, NOT_AN_OBJECT, NOT_JSON, read_block

NAMES = ("get_weather", "search")
CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
PARIS = ("get_weather", '{"city": "Paris"}', "")
Outcome = tuple[str, tuple[tuple[str, str, str], ...]]


def read(pieces: list[str]) -> Outcome:
    """Return the text that is left, and each call's name, arguments and problem."""
    splitter = CallSplitter()
    out = [one for piece in pieces for one in splitter.feed(piece)] + splitter.close()
    calls = [read_block(one.raw, NAMES, cut=one.cut) for one in out if not isinstance(one, str)]
    text = "".join(one for one in out if isinstance(one, str))
    return text, tuple((call.name, call.arguments, call.problem) for call in calls)


WRITTEN: dict[str, tuple[str, Outcome]] = {
    "nothing of it": ("Just an answer.", ("Just an answer.", ())),
    "one call": (CALL, ("", (PARIS,))),
    "text on both sides": (f"I look.\n{CALL}\nThat is all.", ("I look.\nThat is all.", (PARIS,))),
    "two calls": (f"{CALL}\n{CALL}", ("", (PARIS, PARIS))),
    "arguments before the name": (
        '<tool_call>{"arguments": {"city": "Paris"}, "name": "get_weather"}</tool_call>',
        ("", (PARIS,)),
    ),
    "a Python dictionary": (
        "<tool_call>{'name': 'get_weather', 'arguments': {'city': 'Paris'}}</tool_call>",
        ("", (PARIS,)),
    ),
    "a Python dictionary with a quote": (
        "<tool_call>{'name': 'search', 'arguments': {'q': '12\" disc'}}</tool_call> done",
        (" done", (("search", json.dumps({"q": '12" disc'}), ""),)),
    ),
    "arguments as text": (
        '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}</tool_call>',
        ("", (PARIS,)),
    ),
    "no arguments": ('<tool_call>{"name": "search"}</tool_call>', ("", (("search", "{}", ""),))),
    "parameters, as Llama says": (
        '<tool_call>{"name": "get_weather", "parameters": {"city": "Paris"}}</tool_call>',
        ("", (PARIS,)),
    ),
    "a line break in a string": (
        '<tool_call>{"name": "search", "arguments": {"q": "a\nb"}}</tool_call>',
        ("", (("search", '{"q": "a\\nb"}', ""),)),
    ),
    "a tag inside a string": (
        '<tool_call>{"name": "search", "arguments": {"q": "</tool_call><tool_call>"}}</tool_call>!',
        ("!", (("search", '{"q": "</tool_call><tool_call>"}', ""),)),
    ),
    "an escaped quote": (
        '<tool_call>{"name": "search", "arguments": {"q": "say \\"</tool_call>\\""}}</tool_call>',
        ("", (("search", '{"q": "say \\"</tool_call>\\""}', ""),)),
    ),
    "cut inside": (
        '<tool_call>{"name": "get_weather", "argum',
        ("", (("", '{"name": "get_weather", "argum', CUT),)),
    ),
    "only the closing tag is cut": (CALL.removesuffix("</tool_call>"), ("", (PARIS,))),
    "a quote that never ends": (
        '<tool_call>{"name": "search}</tool_call> Sorry.',
        (" Sorry.", (("", '{"name": "search}', NOT_JSON),)),
    ),
    "no JSON": ("<tool_call>search for it</tool_call>", ("", (("", "search for it", NOT_JSON),))),
    "no name": ('<tool_call>{"arguments": {}}</tool_call>', ("", (("", '{"arguments": {}}', NAMELESS),))),
    "arguments that are a list": (
        '<tool_call>{"name": "search", "arguments": [1]}</tool_call>',
        ("", (("search", "[1]", NOT_AN_OBJECT),)),
    ),
    "an unknown tool": (
        '<tool_call>{"name": "rm", "arguments": {}}</tool_call>',
        ("", (("rm", "{}", "There is no tool named “rm”."),)),
    ),
    "nested": (f"<tool_call>{CALL}</tool_call> done", (" done", (PARIS,))),
    "begun anew": (f"<tool_call>{{oops {CALL}", ("", (("", "{oops ", CUT), PARIS))),
    "in a fence": (f"```xml\n{CALL}\n```\nSo.", (f"```xml\n{CALL}\n```\nSo.", ())),
    "in a fence of tildes": (f"~~~\n```\n{CALL}\n~~~\n", (f"~~~\n```\n{CALL}\n~~~\n", ())),
    "behind a fence": (f"```\ncode\n```\n{CALL}", ("```\ncode\n```\n", (PARIS,))),
    "in backticks": ("Write `<tool_call>` first.", ("Write `<tool_call>` first.", ())),
    "behind backticks": (f"Use `search`: {CALL}", ("Use `search`: ", (PARIS,))),
    "a lone closing tag": ("It ends with </tool_call>.", ("It ends with </tool_call>.", ())),
    "a tag that is none": ("a <tool_cal and <tool_callx>", ("a <tool_cal and <tool_callx>", ())),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_it_reads(name: str) -> None:
    text, outcome = WRITTEN[name]
    assert read([text]) == outcome


@pytest.mark.parametrize("name", WRITTEN)
def test_it_reads_the_same_at_every_cut(name: str) -> None:
    text, outcome = WRITTEN[name]
    for at in range(len(text) + 1):
        assert read([text[:at], text[at:]]) == outcome, text[:at]


@pytest.mark.parametrize("name", WRITTEN)
def test_it_reads_the_same_by_single_characters(name: str) -> None:
    text, outcome = WRITTEN[name]
    assert read(list(text)) == outcome


PIECES = st.sampled_from(
    [
        "<tool_call>",
        "</tool_call>",
        CALL,
        '{"name": "search", "arguments": {}}',
        "{'name': 'search'}",
        '"',
        "\\",
        "'",
        "`",
        "```",
        "~~~",
        "\n",
        "    ",
        "<tool",
        "_call>",
        "</",
        "text",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 300), max_size=8))
def test_it_reads_anything_the_same_however_it_is_cut(written: list[str], cuts: list[int]) -> None:
    text, start, pieces = "".join(written), 0, []
    for cut in [*sorted(cuts), len(text)]:
        pieces.append(text[start:cut])
        start = max(start, cut)
    assert read(pieces) == read([text]) == read(list(text))


WORDS = st.text(max_size=8)
VALUES = st.none() | st.booleans() | st.integers() | WORDS | st.lists(st.integers() | WORDS, max_size=3)


@given(st.dictionaries(WORDS, VALUES | st.dictionaries(WORDS, VALUES, max_size=2), max_size=3), st.booleans())
def test_whatever_json_a_call_holds_comes_out_whole(arguments: dict[str, object], is_python: bool) -> None:
    written = {"name": "search", "arguments": arguments}
    raw = repr(written) if is_python else json.dumps(written, ensure_ascii=False)
    call = read_block(raw, NAMES)
    assert isinstance(call, ToolCall)
    assert (call.problem, json.loads(call.arguments)) == ("", arguments)


@pytest.mark.parametrize(
    "raw", ["[" * 100_000, "{" * 100_000, '{"a":' * 50_000, "(" * 30_000, "{'a': " * 3000, "-" * 19_000]
)
def test_deep_nesting_is_a_problem_and_no_crash(raw: str) -> None:
    assert read_block(raw, NAMES).problem == NOT_JSON


def test_text_is_not_held_back_without_need() -> None:
    splitter = CallSplitter()
    assert splitter.feed("I look at it ") == ["I look at it "]
    assert splitter.feed("`x` <b>") == ["`x` <b>"]
    assert splitter.feed("now <tool") == ["now "]
    assert splitter.feed("box>") == ["<toolbox>"]
