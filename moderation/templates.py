"""Policies to start from: each a file of the folder `starters`, explained in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moderation.document import from_yaml
from moderation.policy import Policy

STARTERS = Path(__file__).parent / "starters"
ORDER = ("open-research", "general-business", "regulated-health", "legal", "education")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A policy that an administrator copies and extends."""

    id: str
    title: str
    sentence: str
    policy: Policy


def template_for(template_id: str) -> Template | None:
    """Return a template, or None."""
    return next((one for one in TEMPLATES if one.id == template_id), None)


def _template(id: str) -> Template:
    policy = from_yaml((STARTERS / f"{id}.yaml").read_text(encoding="utf-8"))
    return Template(id=id, title=policy.name, sentence=policy.summary, policy=policy)


TEMPLATES = tuple(_template(id) for id in ORDER)
