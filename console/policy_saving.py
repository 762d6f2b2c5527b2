"""Save one part of a draft. What others changed elsewhere in it stays; what they changed in this part is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from accounts.models import Membership
from console.answers import told
from console.policy_edit import Settings, mark_of
from console.policy_forms import PartForm
from console.policy_places import show_problems
from console.refusals import Difference, differences
from moderation.actions.versions import save_draft
from moderation.document import parse
from moderation.errors import NotReady, Outdated, PolicyInvalid, Refused
from moderation.models import PolicyVersion
from moderation.policy import Case, Category, Policy, Rule

Part = Rule | Category | Case | Settings
SAME_MOMENT = "Somebody else has saved this draft at the same moment. Save again: nothing of theirs or yours is lost."


def newer(form: PartForm, part: Part | None, shown: Callable[[], Mapping[str, Any]]) -> list[Difference] | None:
    """Return where a typed form differs from what somebody else made of its part meanwhile; None when nobody did.

    The form goes on from theirs: saving it again puts it in the place of theirs.
    """
    if form.cleaned_data["mark"] == mark_of(part):
        return None
    found = differences(form, dict(shown()) if part is not None else {})
    form.reread(mark_of(part))
    return found


def saved(
    acting: Membership,
    version: PolicyVersion,
    form: PartForm,
    policy: Policy,
    *,
    place: str,
    fields: Mapping[str, str],
    note: str | None = None,
) -> bool:
    """Save a draft's policy; when it is refused say why beside the fields, and return False."""
    try:
        save_draft(acting=acting, version_id=version.id, revision=version.revision, policy=policy, note=note)
    except PolicyInvalid as error:
        show_problems(form, error, policy, place, fields)
    except Outdated:
        form.add_error(None, SAME_MOMENT)
    except (NotReady, Refused) as error:
        form.add_error(None, error.words)
    else:
        return True
    return False


def removed(
    request: HttpRequest, acting: Membership, version: PolicyVersion, without: Callable[[Policy], Policy], words: str
) -> None:
    """Take a part out of a draft, and tell the person that it was done, or why it was not."""
    with told(request, words):
        policy = without(parse(version.document))
        save_draft(acting=acting, version_id=version.id, revision=version.revision, policy=policy)
