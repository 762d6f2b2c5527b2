"""The stream gate on: what it adds to the same streams, beside what any gate with these rules must hold back."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from accounts.models import Membership, Role
from chat.models import Message
from moderation.actions import versions
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.gate import Gate
from moderation.policy import Audience, Patterns, Policy, Recognized, Rule, Terms
from moderation.verdict import Verdict

# Whole words, a pattern, and recognizers of what is usual. No rule reads prompts: those hold the engine's script.
POLICY = Policy(
    name="Bench",
    rules=tuple(
        Rule(
            id=id,
            title=id,
            category=id,
            action=Verdict.REDACT,
            channels=frozenset({Channel.ANSWER, Channel.REASONING}),
            match=match,
        )
        for id, match in (
            ("words", Terms(terms=tuple(f"forbidden {at}" for at in range(200)))),
            ("project", Patterns(patterns=(r"\bproject[ -]falcon[a-z0-9-]{0,12}\b",))),
            ("data", Recognized(names=("email", "card", "iban", "api-key"))),
        )
    ),
)


def enforce(slug: str) -> None:
    """Publish the policy in an organization. Uses the database."""
    owner = Membership.objects.get(organization__slug=slug, role=Role.OWNER)
    draft = versions.create_draft(acting=owner, policy=POLICY)
    versions.test(acting=owner, version_id=draft.id)
    versions.publish(acting=owner, version_id=draft.id)


def gate_us_per_token(slug: str, tokens: int) -> float:
    """Return the time in the gate for each token of the organization's answers, as their coverage has it."""
    found = Message.objects.filter(conversation__organization__slug=slug, generation__policy__isnull=False)
    used = sum(int(entry["us"]) for one in found.only("coverage") for entry in one.coverage["texts"])
    return round(used / tokens, 1)


def necessary_hold_ms(tokens: Sequence[str], rate: float) -> dict[str, float]:
    """Return how long a token must wait, at this pace, because what it ends in may begin a match."""
    gate = Gate(compile_policy(POLICY).ruleset(Channel.ANSWER, Audience()))
    released, out = [], 0
    for token in tokens:
        out += len(gate.feed(token).text)
        released.append(out)
    end, at, held = 0, 0, []
    for number, token in enumerate(tokens):
        end += len(token)
        at = max(at, number)
        while at < len(released) - 1 and released[at] < end:
            at += 1
        held.append((at - number) / rate * 1000)
    return {"p50": round(median(held), 2), "p95": round(quantiles(held, n=20, method="inclusive")[-1], 2)}
