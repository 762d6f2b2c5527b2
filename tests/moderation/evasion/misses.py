"""What is not caught, each with the reason: nothing is missed that is not written here."""

from __future__ import annotations

MIXED = "1, ! or | stands for i and for l in one word: a text is read with the one or with the other"
LUNATE = "Unicode's compatibility folding makes the lunate sigma, which looks like c, a sigma, which looks like o"
LINK = "a link ends inside the word: to see that, text would have to wait for the whole address of each link"
LINKED = (
    "Nobody outside may hear of [hal](#)berd",
    "Das Vorhaben ([quick](#)silver) beginnt im Mai.",
    r"> quoted: [marz](#)ipan, and so on\n\nNext line.",
    r"1. first\n2. [nigh](#)tjar\n3. last",
    "Please tell them about [obsi](#)dian tomorrow.",
    "[tama](#)risk is what the board decided.",
    "Nobody outside may hear of [wolf](#)sbane",
    "Das Vorhaben ([zeph](#)yrine) beginnt im Mai.",
)
KNOWN: dict[str, str] = {
    r"leet: 'qu1ck$11v3r is what the board decided.'": MIXED,
    r"leet: 'Das Vorhaben (qu!ck5!|v3r) beginnt im Mai.'": MIXED,
    (
        r"homoglyphs: 'Das Vorhaben (\u0566\u03c5\u0131\u03f2\u03ba\ua731\u0131\u0142\u03bd\u212e\u0280)"
        " beginnt im Mai.'"
    ): LUNATE,
    **{f"markdown: '{text}'": LINK for text in LINKED},
}
