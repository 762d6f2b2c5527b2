"""What is not caught, each with the reason: nothing is missed that is not written here."""

from __future__ import annotations

MIXED = "1, ! or | stands for i and for l in one word: a text is read with the one or with the other"
LUNATE = "Unicode's compatibility folding makes the lunate sigma, which looks like c, a sigma, which looks like o"
KNOWN: dict[str, str] = {
    r"leet: 'qu1ck$11v3r is what the board decided.'": MIXED,
    r"leet: 'Das Vorhaben (qu!ck5!|v3r) beginnt im Mai.'": MIXED,
    (
        r"homoglyphs: 'Das Vorhaben (\u0566\u03c5\u0131\u03f2\u03ba\ua731\u0131\u0142\u03bd\u212e\u0280)"
        " beginnt im Mai.'"
    ): LUNATE,
}
