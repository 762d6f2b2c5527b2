"""Try a policy on a text: what each channel would do with it, and why. Nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from console.policy_sentences import quoted
from console.policy_words import CHANNELS, VERDICTS, joined
from moderation.channel import Channel
from moderation.compiled import CompiledPolicy, Ruleset
from moderation.errors import GateFailed
from moderation.hit import Hit
from moderation.policy import Audience, Policy
from moderation.scan import scan
from moderation.verdict import Verdict

LONGEST = 20_000
MARKER = "marker"
SHOWN_MATCHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text; `kind` is the strictest verdict on it, a marker, or nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one rule found."""

    rule: str
    title: str
    category: str
    found: str
    verdict: Verdict
    exempt: bool = False
    failed: bool = False
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a text in one channel: `text` is what people would see of it."""

    channel: Channel
    verdict: Verdict
    text: str
    hits: tuple[Hit, ...]
    failed: bool = False

    @property
    def alike(self) -> tuple[object, ...]:
        """Channels for which this is the same are shown together."""
        return (self.verdict, self.text, self.hits, self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The channels that would do the same."""

    channels: str
    verdict: Verdict
    words: str
    marked: list[Piece]
    released: list[Piece]
    ending: str
    reasons: list[Reason]


def tried(compiled: CompiledPolicy, audience: Audience, text: str) -> list[Found]:
    """Let every channel read a text by its deterministic rules."""
    return [tried_in(compiled.ruleset(channel, audience), text) for channel in Channel]


def tried_in(ruleset: Ruleset, text: str) -> Found:
    """Let one channel read a text by its deterministic rules."""
    try:
        scanned = scan(ruleset, text)
    except GateFailed:
        return Found(channel=ruleset.channel, verdict=Verdict.BLOCK, text="", hits=(), failed=True)
    return Found(channel=ruleset.channel, verdict=scanned.verdict, text=scanned.text, hits=tuple(scanned.hits))


def outcomes(policy: Policy, found: Sequence[Found], text: str) -> list[Outcome]:
    """Return what would happen, the strictest first, channels that do the same together."""
    alike = {one.alike: [other.channel for other in found if other.alike == one.alike] for one in found}
    first = {one.alike: one for one in reversed(found)}
    ordered = sorted(first.values(), key=lambda one: -one.verdict)
    return [_outcome(policy, one, alike[one.alike], text) for one in ordered]


def _outcome(policy: Policy, one: Found, channels: Sequence[Channel], text: str) -> Outcome:
    return Outcome(
        channels=joined([CHANNELS[channel].title for channel in channels]),
        verdict=one.verdict,
        words=VERDICTS[one.verdict],
        marked=list(_marked(text, one.hits)),
        released=list(_released(policy, one)),
        ending=_ending(one),
        reasons=list(_reasons(policy, one.hits, text)),
    )


def _marked(text: str, hits: Iterable[Hit]) -> Iterator[Piece]:
    """Cut a text where hits begin and end."""
    shown = [hit for hit in hits if hit.end > hit.start]
    edges = sorted({0, len(text), *(hit.start for hit in shown), *(hit.end for hit in shown)})
    for start, end in zip(edges, edges[1:], strict=False):
        over = [hit.verdict for hit in shown if hit.start <= start and end <= hit.end]
        yield Piece(text=text[start:end], kind=max(over).word if over else "")


def _released(policy: Policy, one: Found) -> Iterator[Piece]:
    markers = {f"[redacted: {policy.category(hit.category).title}]" for hit in one.hits}
    if not markers:
        yield Piece(text=one.text)
        return
    for number, text in enumerate(re.split(r"(\[redacted: [^\]]*\])", one.text)):
        yield Piece(text=text, kind=MARKER if number % 2 else "")


def _ending(one: Found) -> str:
    if one.failed:
        return "The check failed, so nothing more is shown."
    return {
        Verdict.HOLD: "The rest waits here for a reviewer.",
        Verdict.BLOCK: "Nothing more is shown.",
    }.get(one.verdict, "")


def _reasons(policy: Policy, hits: Sequence[Hit], text: str) -> Iterator[Reason]:
    titles = {rule.id: rule.title for rule in policy.rules}
    for id in dict.fromkeys(hit.rule for hit in hits):
        own = [hit for hit in hits if hit.rule == id]
        strictest = max(own, key=lambda hit: hit.verdict)
        yield Reason(
            rule=id,
            title=titles.get(id, id),
            category=policy.category(strictest.category).title,
            found=_found(text, own),
            verdict=strictest.verdict,
            exempt=any(hit.exempt for hit in own),
            failed=any(hit.failed for hit in own),
            score=strictest.score,
        )


def _found(text: str, hits: Sequence[Hit]) -> str:
    parts = list(dict.fromkeys(text[hit.start : hit.end] for hit in hits if hit.end > hit.start))
    more = f" and {len(parts) - SHOWN_MATCHES:,} more" if len(parts) > SHOWN_MATCHES else ""
    return f"{', '.join(quoted(parts[:SHOWN_MATCHES]))}{more}"
