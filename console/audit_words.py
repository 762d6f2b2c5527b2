"""What is asked of the audit page, in words."""

from __future__ import annotations

from console.audit_areas import BY_ID
from console.audit_asked import SYSTEM, Asked

# What the types of targets are called, where their own name does not say it.
KINDS = {
    "user": "person",
    "generation": "answer",
    "policy": "version of the policy",
    "break-glass": "reading",
    "preset": "assistant",
    "quota": "limit",
    "hold": "legal hold",
    "certificate": "certificate of deletion",
}


def kind_words(kind: str) -> str:
    """Return what a type of targets is called."""
    return KINDS.get(kind, kind.replace("-", " "))


def target_words(target: str) -> str:
    """Return what a target is called, "" where none is asked for."""
    kind, _, id = target.partition(":")
    if not kind:
        return ""
    if kind == "organization" and id:
        return "the organization"
    return f"this {kind_words(kind)}" if id else f"anything of the kind “{kind_words(kind)}”"


def chosen_words(asked: Asked) -> str:
    """Return by what events were chosen, for a file and for the record. Nobody is named: names can be erased."""
    until = f" up to {asked.until:%Y-%m-%d}" if asked.until else ""
    parts = [
        f"the last {asked.period.title}{until}",
        BY_ID[asked.area].title if asked.area else "",
        f"only the action “{asked.action}”" if asked.action else "",
        f"by {'the system' if asked.who == SYSTEM else f'the person {asked.who}'}" if asked.who else "",
        _about(asked.target),
        "with words that were searched for" if asked.words else "",
    ]
    return ", ".join(filter(None, parts))


def _about(target: str) -> str:
    kind, _, id = target.partition(":")
    return f"about the {kind_words(kind)} {id}".rstrip() if kind else ""
