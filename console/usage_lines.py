"""Usage by name: models, members and groups, each with what it cost. No input or output here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from console.charts import Segment, stacked
from inference import commercial_price as commercial
from inference.usage_report import GroupSums, Key, Sums

Prices = tuple[Decimal | None, Decimal | None]
NO_PRICE: Prices = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One name's usage. `cost` is at the operator's prices, None where a price is not known."""

    name: str
    calls: int
    prompt: int
    answer: int
    reasoning: int
    cost: Decimal | None = None
    elsewhere: Decimal = Decimal(0)
    segments: Sequence[Segment] = ()

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.prompt + self.answer + self.reasoning


def model_lines(models: Mapping[Key, Sums], names: Mapping[Key, str], prices: Mapping[Key, Prices]) -> list[Line]:
    """Return a line for each model, the busiest first."""
    return _drawn(_line(names[key], [(sums, prices.get(key, NO_PRICE))]) for key, sums in models.items())


def member_lines(
    members: Mapping[uuid.UUID, Mapping[Key, Sums]],
    names: Mapping[uuid.UUID, str],
    prices: Mapping[Key, Prices],
    gone: str = "Somebody who has left",
) -> list[Line]:
    """Return a line for each member or organization, the busiest first; `gone` is who has no name any more."""
    return _drawn(
        _line(
            names.get(user_id, gone),
            [(one, prices.get(key, NO_PRICE)) for key, one in used.items()],
        )
        for user_id, used in members.items()
    )


def group_lines(groups: Iterable[GroupSums], names: Mapping[int, str]) -> list[Line]:
    """Return a line for each group, the busiest first; its people's models are not told apart, so it has no cost."""
    return _drawn(
        Line(
            name=names.get(one.group_id, "A group that was deleted"),
            calls=one.calls,
            prompt=one.prompt,
            answer=one.answer,
            reasoning=one.reasoning,
        )
        for one in groups
    )


def cost_of(models: Mapping[Key, Sums], prices: Mapping[Key, Prices]) -> tuple[Decimal, bool]:
    """Return what everything cost at the operator's prices, and whether each model that was used has one."""
    lines = [_line("", [(sums, prices.get(key, NO_PRICE))]) for key, sums in models.items()]
    return sum((one.cost or Decimal(0) for one in lines), Decimal(0)), all(one.cost is not None for one in lines)


def elsewhere_of(sums: Sums) -> Decimal:
    """Return what the same tokens would have cost at the published price."""
    return commercial.price_of(sums.prompt, sums.answer + sums.reasoning, commercial.PROMPT, commercial.ANSWER)


def _line(name: str, used: Sequence[tuple[Sums, Prices]]) -> Line:
    total, cost = Sums(), Decimal(0)
    is_known = True
    for sums, (prompt_price, answer_price) in used:
        total.add(sums)
        if prompt_price is None or answer_price is None:
            is_known = is_known and not sums.tokens
        else:
            cost += commercial.price_of(sums.prompt, sums.answer + sums.reasoning, prompt_price, answer_price)
    return Line(
        name=name,
        calls=total.calls,
        prompt=total.prompt,
        answer=total.answer,
        reasoning=total.reasoning,
        cost=cost if is_known else None,
        elsewhere=elsewhere_of(total),
    )


def _drawn(lines: Iterable[Line]) -> list[Line]:
    ranked = sorted(lines, key=lambda one: (-one.tokens, one.name))
    most = ranked[0].tokens if ranked else 0
    return [_with_bar(one, most) for one in ranked]


def _with_bar(line: Line, most: int) -> Line:
    counts = [("4", line.prompt), ("2", line.reasoning), ("1", line.answer)]
    return replace(line, segments=stacked(counts, most))
