"""Ordinary texts that look like something forbidden: each of them is to pass.

The terms are the short words that give filters their bad name. The texts (`benign.txt`, one a line, `\\n` for a line
break) hold them inside longer words, or are numbers, code and other languages; none uses a term as a word of its own.
"""

from __future__ import annotations

from pathlib import Path

FORBIDDEN = (
    *("ass", "tit", "tits", "cock", "anal", "rape", "sex", "cum", "hell", "bomb", "weed", "coke"),
    *("heroin", "gun", "arse", "poo", "cunt", "spit", "tart", "slag", "wank", "nazi", "orgy"),
)


def benign() -> list[str]:
    """Return the texts."""
    lines = (Path(__file__).parent / "benign.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if not line.startswith("# ")]
