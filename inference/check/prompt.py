"""The prompt as the model reads it, token by token, where an engine shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from inference.adapters import body_of
from inference.check.subject import Subject
from inference.controls import NAMES
from inference.engine import Kind, PromptFormat
from inference.errors import EngineBroken
from inference.inquiry import ask
from inference.request import ChatRequest

SECONDS = 30.0
# What makes a prompt out of a request's body.
MAKES_THE_PROMPT = ("messages", "tools", "chat_template_kwargs", "continue_final_message", "add_generation_prompt")
CONTROL = re.compile(rf"<\|[^|<>\s]+\|>|</?(?:{NAMES})>|</?seed:[^<>\s]+>|\[/?INST\]")
FIRST = ("<|begin_of_text|>", "<seed:bos>", "<s>", "<bos>", "<|startoftext|>")
ROLES = {
    PromptFormat.CHATML: re.compile(r"<\|im_start\|>([a-z]+)\n"),
    PromptFormat.LLAMA3: re.compile(r"<\|start_header_id\|>([a-z]+)<\|end_header_id\|>\n"),
}

Tokens = Sequence[str]


async def prompt_tokens(subject: Subject, request: ChatRequest) -> Tokens | None:
    """Return the tokens of a chat's prompt, None where they are not shown. Raises InferenceError."""
    body = body_of(subject.engine, request)
    told = {name: body[name] for name in MAKES_THE_PROMPT if name in body}
    if subject.engine.kind is Kind.VLLM:
        return await _vllm(subject, told)
    if subject.engine.kind is Kind.LLAMA_CPP:
        prompt = (await _ask(subject, "/apply-template", told)).get("prompt")
        return await _llama_cpp(subject, str(prompt), special=True)
    return None


async def text_tokens(subject: Subject, text: str) -> Tokens | None:
    """Return the tokens of a bare text, control tokens alive. Raises InferenceError."""
    if subject.engine.kind is Kind.VLLM:
        return await _vllm(subject, {"prompt": text, "add_special_tokens": False})
    if subject.engine.kind is Kind.LLAMA_CPP:
        return await _llama_cpp(subject, text, special=False)
    return None


def live(tokens: Tokens) -> list[str]:
    """Return the control tokens among tokens, in order."""
    return [token for token in tokens if CONTROL.fullmatch(token)]


def written(tokens: Tokens) -> str:
    """Return the text of tokens; vocabularies have letters of their own for blanks and line breaks."""
    return "".join(tokens).replace("Ġ", " ").replace("▁", " ").replace("Ċ", "\n")


def format_of(text: str) -> PromptFormat:
    """Return whose marks a prompt has."""
    return next((one for one, pattern in ROLES.items() if pattern.search(text)), PromptFormat.UNKNOWN)


async def _vllm(subject: Subject, told: dict[str, Any]) -> Tokens | None:
    asked = {"model": subject.engine.model, **told, "return_token_strs": True}
    found = (await _ask(subject, "/tokenize", asked)).get("token_strs")
    return [str(one) for one in found] if isinstance(found, list) else None


async def _llama_cpp(subject: Subject, text: str, *, special: bool) -> Tokens | None:
    asked = {"content": text, "add_special": special, "parse_special": True, "with_pieces": True}
    found = (await _ask(subject, "/tokenize", asked)).get("tokens")
    try:
        return [_piece(one["piece"]) for one in found] if isinstance(found, list) else None
    except (KeyError, TypeError, ValueError) as error:
        raise EngineBroken("The engine's tokens are not what they should be.") from error


def _piece(piece: Any) -> str:
    # A part of a letter comes as its bytes.
    return piece if isinstance(piece, str) else bytes(piece).decode(errors="replace")


async def _ask(subject: Subject, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    return await ask(subject.session, subject.engine, subject.engine.root_url + path, asked, seconds=SECONDS)
