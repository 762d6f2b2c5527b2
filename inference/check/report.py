"""What an operator reads: the engine, a line for each check, and one sentence at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from inference.check.examination import CHECKS, Outcome
from inference.check.finding import Verdict
from inference.engine import Engine

WIDTH = 110
NAMES = max(map(len, CHECKS)) + 2
ABILITIES = {
    "reasoning": "thinks",
    "budget": "ends thoughts by itself",
    "tools": "calls tools",
    "schema": "keeps to schemas",
    "prefill": "goes on with cut answers",
}


def heading(engine: Engine) -> str:
    """Return what is checked."""
    version = f" {engine.version}" if engine.version else ""
    written = f", written in {engine.prompt_format}" if engine.prompt_format else ""
    can = [words for name, words in ABILITIES.items() if getattr(engine.capabilities, name)]
    return (
        f"{engine.model} on {engine.kind}{version} at {engine.base_url}\n"
        f"Reads {engine.context_length:,} tokens{written}. Is known for this: {', '.join(can) or 'nothing special'}."
    )


def line(outcome: Outcome) -> str:
    """Return a check's mark, its name and what was found."""
    again = f" ({outcome.tries} tries)" if outcome.tries > 1 else ""
    begin = f"{outcome.finding.verdict} {outcome.name:<{NAMES}}"
    return textwrap.fill(
        outcome.finding.words + again,
        width=WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_on_hyphens=False,
    )


def conclusion(outcomes: Sequence[Outcome]) -> str:
    """Return what all of it means, in one sentence."""
    failed, not_shown, not_offered, proved = (
        _names(outcomes, verdict)
        for verdict in (Verdict.FAILED, Verdict.NOT_SHOWN, Verdict.NOT_OFFERED, Verdict.PROVED)
    )
    parts = [f"{len(proved)} of {len(CHECKS)} checks proved"]
    if failed:
        parts.insert(0, f"{len(failed)} failed: {', '.join(failed)}")
    if not_shown:
        parts.append(f"{len(not_shown)} not shown by this run: {', '.join(not_shown)}")
    if not_offered:
        parts.append(f"{len(not_offered)} not offered here: {', '.join(not_offered)}")
    if left := len(CHECKS) - len(outcomes):
        parts.append(f"{left} not tried any more")
    return f"{'This engine does not work as it should' if failed else 'Nothing failed'}: {'; '.join(parts)}."


def has_failed(outcomes: Sequence[Outcome]) -> bool:
    return bool(_names(outcomes, Verdict.FAILED))


def _names(outcomes: Sequence[Outcome], verdict: Verdict) -> list[str]:
    return [one.name for one in outcomes if one.finding.verdict is verdict]
