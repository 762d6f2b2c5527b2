"""What the forms of the operator's and of an organization's rules make of what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Role
from console.sampling_fields import typed_sampling
from inference.actions.rules import RulesDraft
from inference.effort import Effort
from inference.models import Rules
from inference.rulebook import CEILINGS
from inference.sampling import parse_sampling

# How a form says whether earlier thoughts are sent back.
KEPT = {"": None, "yes": True, "no": False}


def drafted(typed: Mapping[str, Any]) -> RulesDraft:
    """Return the rules of a form's valid values."""
    default, ceiling = typed["reasoning_default"], typed["reasoning_ceiling"]
    return RulesDraft(
        default=Effort(default) if default else None,
        ceiling=Effort(ceiling) if ceiling else None,
        locked=typed["reasoning_locked"],
        visibility=Rules.Visibility(typed["reasoning_visibility"]),
        roles=[Role(one) for one in typed["reasoning_roles"]],
        keep_reasoning=typed["keep_reasoning"],
        ceilings=parse_sampling(typed_sampling(typed, CEILINGS)),
    )
