"""vLLM's reasoning parser for Hermes 4: `--reasoning-parser-plugin THIS_FILE --reasoning-parser hermes4`.

vLLM's own parsers look through the whole prompt for think tags. Hermes' system prompt and its earlier turns hold
some, so that they take a thought for over before it has begun. This one looks at the last turn only, and at
`chat_template_kwargs`, which every request must send: `thinking` true or false.

A thought is the block that leads an answer. Its tags are tokens: the same letters spelled otherwise are text.
vLLM loads this file by its path into processes that know nothing of ours, so that it imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from vllm.entrypoints.generate.base.protocol import DeltaMessage
from vllm.reasoning import ReasoningParser, ReasoningParserManager

THINK, THOUGHT = "<think>", "</think>"
# What begins an assistant's turn, in Llama-3 headers and in ChatML. Line breaks may be part of a longer token.
HEADERS = ("<|start_header_id|>assistant<|end_header_id|>", "<|im_start|>assistant")


class LeadingThought:
    """Take the thought that leads an answer out of its text, as both come.

    Tokens say whether there is a tag, the text says where: with stop strings it lags behind its tokens.
    """

    def __init__(self, *, opened: bool) -> None:
        self.ended = False
        self._inside = opened
        self._closes = False
        self._held = ""

    def feed(self, text: str, *, thinks: bool | None, closes: bool) -> tuple[str, str]:
        """Take text; return what is thought and what is answer.

        `thinks` says whether the answer begins with a tag, None while nothing is visible; `closes` whether a closing
        tag comes with this text or behind it.
        """
        self._held += text
        self._closes = self._closes or closes
        if self._inside:
            return self._within()
        if thinks is None:
            return "", ""
        if not thinks:
            return "", self._end(self._held)
        lead = self._held.lstrip()
        if len(lead) < len(THINK):
            return "", ""
        self._inside, self._held = True, lead.removeprefix(THINK)
        return self._within()

    def _within(self) -> tuple[str, str]:
        thought, found, answer = self._held.partition(THOUGHT)
        if self._closes and found:
            return thought, self._end(answer)
        keep = _begun(THOUGHT, self._held) if self._closes else 0
        cut = len(self._held) - keep
        thought, self._held = self._held[:cut], self._held[cut:]
        return thought, ""

    def _end(self, answer: str) -> str:
        self.ended, self._held = True, ""
        return answer


@ReasoningParserManager.register_module("hermes4")
class Hermes4ReasoningParser(ReasoningParser):
    """Where the thought of an answer is. vLLM makes one for each answer, and one in the engine for each grammar."""

    def __init__(self, tokenizer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(tokenizer, *args, **kwargs)
        chosen = kwargs.get("chat_template_kwargs") or {}
        self._may_think = bool(chosen.get("thinking") or chosen.get("enable_thinking"))
        self._think, self._thought = self._id_of(THINK), self._id_of(THOUGHT)
        self._headers = [tokenizer.encode(header, add_special_tokens=False) for header in HEADERS]
        self._opened = False
        self._leading: LeadingThought | None = None

    @property
    def reasoning_start_str(self) -> str:
        """What the thinking budget counts from."""
        return THINK

    @property
    def reasoning_end_str(self) -> str:
        """What the thinking budget forces."""
        return THOUGHT

    def adjust_request(self, request: Any) -> Any:
        """Keep the tags in the text where the tokenizer calls them special."""
        if not self._text_of([self._think], skip_special_tokens=True):
            request.skip_special_tokens = False
        return request

    def is_reasoning_end(self, input_ids: Sequence[int]) -> bool:
        """Say of a prompt whether what comes next is the answer for certain."""
        turn = self._last_turn(list(input_ids))
        self._opened = _last(turn, self._think) > _last(turn, self._thought)
        if self._opened:
            return False
        return not self._may_think or bool(self._text_of(turn).strip())

    def adjust_initial_state_from_prompt(self, prompt_token_ids: Sequence[int]) -> None:
        """Note whether the prompt ends inside a thought."""
        self.is_reasoning_end(prompt_token_ids)

    def is_reasoning_end_streaming(self, input_ids: Sequence[int], delta_ids: Iterable[int]) -> bool:
        """Say whether the answer has begun.

        In the engine this switches a grammar on, with the next token. An answer that has begun without a thought has
        its first token already: a grammar would begin in the middle of it. It is left alone and judged afterwards.
        """
        return self._leading.ended if self._leading else self._thought in delta_ids

    def extract_reasoning_streaming(
        self,
        previous_text: str,
        current_text: str,
        delta_text: str,
        previous_token_ids: Sequence[int],
        current_token_ids: Sequence[int],
        delta_token_ids: Sequence[int],
    ) -> DeltaMessage | None:
        """Return what has come to the thought, and what to the answer."""
        if self._leading is None:
            self._leading = LeadingThought(opened=self._opened)
        thought, answer = self._leading.feed(
            delta_text, thinks=self._thinks(current_token_ids), closes=self._thought in delta_token_ids
        )
        return DeltaMessage(reasoning=thought or None, content=answer or None) if thought or answer else None

    def extract_reasoning(self, model_output: str, request: Any) -> tuple[str | None, str | None]:
        """Split a whole answer."""
        lead = model_output.lstrip()
        if not self._opened and not lead.startswith(THINK):
            return None, model_output
        thought, found, answer = (model_output if self._opened else lead.removeprefix(THINK)).partition(THOUGHT)
        return thought, (answer or None) if found else None

    def extract_content_ids(self, input_ids: list[int]) -> list[int]:
        """Return the tokens of the answer."""
        return input_ids[_last(input_ids, self._thought) + 1 :]

    def count_reasoning_tokens(self, token_ids: Sequence[int]) -> int:
        """Count the tokens of the leading thought, its tags left out."""
        tokens = list(token_ids)
        if not self._opened and not self._thinks(tokens):
            return 0
        begin = tokens.index(self._think) + 1 if self._think in tokens else 0
        end = tokens.index(self._thought) if self._thought in tokens else len(tokens)
        return max(end - begin, 0)

    def _thinks(self, tokens: Sequence[int]) -> bool | None:
        """Say whether the first visible token opens a thought; None while there is none."""
        first = next((token for token in tokens if self._text_of([token]).strip()), None)
        return None if first is None else first == self._think

    def _last_turn(self, tokens: list[int]) -> list[int]:
        """Return the tokens behind the last assistant's header."""
        return tokens[max(_behind_last(tokens, header) for header in self._headers) :]

    def _text_of(self, tokens: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        return str(self.model_tokenizer.decode(list(tokens), skip_special_tokens=skip_special_tokens))

    def _id_of(self, tag: str) -> int:
        number = self.vocab.get(tag)
        if number is None:
            raise ValueError(f"{tag} is not one token of this tokenizer: this is not a Hermes 4 model.")
        return int(number)


def _last(tokens: Sequence[int], token: int) -> int:
    """Return where a token is last, or -1."""
    return next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at] == token), -1)


def _behind_last(tokens: list[int], run: list[int]) -> int:
    """Return where the text behind the last run begins, or 0."""
    starts = range(len(tokens) - len(run), -1, -1)
    return next((at + len(run) for at in starts if tokens[at : at + len(run)] == run), 0)


def _begun(tag: str, text: str) -> int:
    """Return how many characters at the end of text are the beginning of a tag."""
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
