"""End-of-turn tokens that a server leaves at the end of the text, where the tokenizer does not call them special."""

from __future__ import annotations

import re

TOKENS = ("<|eot_id|>", "<|im_end|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "</s>", "<seed:eos>")
WHOLE = "|".join(map(re.escape, TOKENS))
BEGUN = "|".join(re.escape(part) for part in sorted({one[:size] for one in TOKENS for size in range(1, len(one))}))
# The longest end of a text that may still turn out to be nothing but such tokens.
TAIL = re.compile(rf"(?:(?:{WHOLE})\s*)*(?:{BEGUN})?\Z")
ENDS = re.compile(rf"(?:(?:{WHOLE})\s*)+")
MOST_HELD = 4096


class TurnEnds:
    """Hold such tokens back until it is known whether they end the text. Inside it they are text, and stay."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Take text; return what is decided."""
        if not self._held and "<" not in text:
            return text
        text = self._held + text
        found = TAIL.search(text, max(text.find("<"), 0))
        cut = found.start() if found and len(text) - found.start() <= MOST_HELD else len(text)
        self._held = text[cut:]
        return text[:cut]

    def close(self) -> str:
        """Return what is left: the tokens are not."""
        held, self._held = self._held, ""
        return "" if ENDS.fullmatch(held) else held
