"""Texts on their way past gate and classifier, for tests: policies, scores by words, verdicts in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.policy import Audience, Category, Classified, Match, Mode, Policy, Rule
from moderation.stream import ChannelStream, Step, Window
from moderation.verdict import Verdict

CATEGORIES = (
    Category(id="violence", title="Violence", definition="Harm to people."),
    Category(id="fraud", title="Fraud. And scams"),
    Category(id="names", title="Names"),
)
Score = Callable[[Window], Mapping[str, float] | None]


def rule(id: str, category: str, action: Verdict, match: Match, *, fails_open: bool = False) -> Rule:
    return Rule(
        id=id,
        title=id,
        category=category,
        action=action,
        channels=frozenset({Channel.ANSWER}),
        match=match,
        fails_open=fails_open,
    )


def judged(
    action: Verdict,
    mode: Mode = Mode.HOLD,
    *,
    category: str = "violence",
    fails_open: bool = False,
    budget_ms: int = 3000,
) -> Rule:
    """Return a classifier rule."""
    match = Classified(mode=mode, budget_ms=budget_ms)
    return rule(f"{category} is judged", category, action, match, fails_open=fails_open)


def ruleset(*rules: Rule, exempt: Iterable[str] = ()) -> Ruleset:
    policy = Policy(name="Test", categories=CATEGORIES, rules=rules)
    audience = Audience(exempt_categories=frozenset(exempt))
    return compile_policy(policy).ruleset(Channel.ANSWER, audience)


def by_words(window: Window) -> Mapping[str, float]:
    """Score as the words of a window say."""
    return {"violence": 0.9 if "bad" in window.text else 0.1, "fraud": 0.8 if "scam" in window.text else 0.0}


@dataclass(slots=True, kw_only=True)
class Reader:
    """Show what a stream says, and ask `score` about its windows whenever the test wants."""

    stream: ChannelStream
    score: Score = by_words
    prior: str = ""
    shown: str = field(default="", init=False)
    retracted: int = field(default=0, init=False)
    windows: list[Window] = field(default_factory=list, init=False)
    waiting: list[Window] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.shown = self.prior

    def take(self, step: Step) -> None:
        assert step.retract <= len(self.shown)
        self.retracted += step.retract
        self.shown = self.shown[: len(self.shown) - step.retract] + step.text
        self.windows += step.windows
        self.waiting += step.windows

    def read(self, chunks: Iterable[str], order: Random | None = None) -> None:
        """Feed a text to its end. With an order verdicts come at any moment, else when all is read."""
        for chunk in chunks:
            self.take(self.stream.feed(chunk))
            if order is not None:
                self.judge_some(order)
        self.take(self.stream.close())

    def judge_some(self, order: Random) -> None:
        while self.waiting and order.random() < 0.4:
            self.judge(order.randrange(len(self.waiting)))

    def judge(self, place: int = 0) -> None:
        window = self.waiting.pop(place)
        self.take(self.stream.judge(window.number, self.score(window)))

    def judge_all(self, order: Random | None = None) -> None:
        while self.waiting:
            self.judge(order.randrange(len(self.waiting)) if order else 0)

    def outcome(self) -> tuple[object, ...]:
        """Return what does not depend on chunks and order."""
        return self.shown, self.stream.verdict, self.stream.held, self.stream.hits, self.stream.is_over


def reader(rules: Ruleset, *, prior: str = "", score: Score = by_words) -> Reader:
    return Reader(stream=ChannelStream(rules, prior=prior), prior=prior, score=score)


def split(text: str, cuts: Sequence[int]) -> list[str]:
    """Return a text in pieces."""
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(text)}), len(text)]
    return [text[begin:end] for begin, end in zip(places, places[1:], strict=False)]


def adds_up(stream: ChannelStream) -> bool:
    """Say whether what was read is what was released, and what was not."""
    told = stream.coverage()
    return bool(
        told["released"] == told["scanned"] - told["redacted"] - told["withheld"] - told["held"] + told["markers"]
    )
