"""Hostile texts: families made from small parts, and single ones picked by hand.

What runs calls `ran()`; what leaves the page asks `evil.example`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tests.browser.hostile_html import ELEMENTS, MUTATIONS
from tests.browser.hostile_markdown import DEEP, FORMULAS, INFO_STRINGS, PICKED, SCHEMES

RUNS = ("ran()", "ran`1`", "window['ran']()")

CLOBBERED = (
    "cookie",
    "body",
    "forms",
    "title",
    "prompt",
    "composer",
    "thread",
    "snapshot",
    "scroller",
    "toasts",
    "createElement",
    "getElementById",
    "querySelector",
    "attributes",
    "nodeName",
    "parentNode",
    "trustedTypes",
    "__proto__",
    "constructor",
    "currentScript",
    "defaultView",
    "location",
    "csrf",
)

INSIDE = "<script>ran()</script>\n<img src=x onerror=ran()>"


def hostile_texts() -> list[str]:
    """Return every text once."""
    return list(dict.fromkeys([*ELEMENTS, *MUTATIONS, *PICKED, *DEEP, *_families()]))


def naked_html() -> list[str]:
    """Return those that do harm when they become HTML as they are."""
    return [*ELEMENTS, *MUTATIONS]


def _families() -> Iterator[str]:
    events = ("click", "load", "error", "mouseover", "focus", "animationstart", "toggle", "pointerrawupdate")
    for event, run in product(events, RUNS):
        yield f'<p tabindex=1 autofocus on{event}="{run}">a</p>'
    for name in CLOBBERED:
        yield f"<a id={name} name={name}>a</a><form id={name}><input name={name}></form>"
    for scheme in SCHEMES:
        yield f"[a]({scheme}) <{scheme}>\n\n[b]\n\n[b]: {scheme}"
        yield f'<a href="{scheme}">a</a> ![a]({scheme})'
    for formula, (begin, end) in product(FORMULAS, (("$", "$"), ("$$\n", "\n$$"))):
        yield f"{begin}{formula}{end}"
    for info in INFO_STRINGS:
        yield f"```{info}\n{INSIDE}\n```\nend"
