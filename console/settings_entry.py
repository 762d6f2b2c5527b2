"""What the console's search knows of one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place of the console. `words` are what else people call it; `page` is the name of its address."""

    title: str
    sentence: str
    page: str
    group: str
    words: str = ""
    fragment: str = ""
    # Reviewers read it too.
    for_reviewers: bool = False


ORGANIZATION, PEOPLE, MODELS = "Organization", "People and sign-in", "Models and answers"
POLICY, GOVERNANCE = "Content policy", "Governance"
GROUPS = (ORGANIZATION, PEOPLE, MODELS, POLICY, GOVERNANCE)
