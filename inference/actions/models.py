"""What operators do with models and their servers, in the audit record. Keys are never in it."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.changes import changes
from audit.record import Fact, record
from inference.actions.trail import Facts, compact
from inference.models import ChatModel
from inference.registry_errors import RegistryError


class FromEnvironment(RegistryError):
    words = (
        "This model comes from HERMES_ENGINE_URL: the next start would bring it back. Switch it off on its page "
        "instead."
    )


def model_facts(model: ChatModel) -> dict[str, Fact]:
    """Return what the audit record says of a model and its servers."""
    facts: dict[str, Fact] = {
        "name": model.name,
        "description": model.description,
        "default": model.is_default,
        "enabled": model.enabled,
        "removed": model.removed_at is not None,
        "for_everyone": model.for_everyone,
        "only_classifies": model.only_classifies,
        "organizations": ", ".join(sorted(str(one) for one in model.organizations.values_list("id", flat=True))),
        "prompt_format": model.prompt_format,
        "corrections": compact(model.declared),
        "prompt_price": _price(model.prompt_price),
        "answer_price": _price(model.answer_price),
    }
    servers = [
        {
            "address": one.base_url,
            "kind": one.kind,
            "served_name": one.served_name,
            "answers_at_once": one.max_streams,
            "enabled": one.enabled,
            "has_key": bool(one.sealed_key),
        }
        for one in model.endpoints.order_by("created_at", "id")
    ]
    return facts | {"servers": compact(servers)}


def say_saved(*, acting: User, model: ChatModel, before: Facts | None, new_keys: int = 0) -> None:
    """Record that a model was added, or what of it was changed. `new_keys` counts the keys that were entered."""
    after = model_facts(model)
    if before is None:
        _say(acting, "inference.model.created", model, after)
        return
    changed = changes(before, after)
    if changed["changed"] or new_keys:
        _say(acting, "inference.model.changed", model, {"name": model.name, **changed, "new_keys": new_keys})


@transaction.atomic
def remove_model(*, acting: User, model: ChatModel) -> None:
    """Take a model out of use; what it has answered keeps its name. Raises FromEnvironment."""
    if model.from_environment:
        raise FromEnvironment
    removed = ChatModel.objects.filter(id=model.id, removed_at=None)
    if removed.update(removed_at=timezone.now(), is_default=False):
        _say(acting, "inference.model.removed", model, {"name": model.name})


@transaction.atomic
def restore_model(*, acting: User, model: ChatModel) -> None:
    """Bring a removed model back."""
    if ChatModel.objects.filter(id=model.id).exclude(removed_at=None).update(removed_at=None):
        _say(acting, "inference.model.restored", model, {"name": model.name})


@transaction.atomic
def ask_again(*, acting: User, model: ChatModel) -> None:
    """Have the workers ask every server of a model at once what it is."""
    model.endpoints.update(checked_at=None)
    _say(acting, "inference.model.asked_again", model, {"name": model.name})


def _price(price: Decimal | None) -> str | None:
    """Return a price as its column has it: 1 and 1.0000 are the same one."""
    return None if price is None else f"{price:.4f}"


def _say(acting: User, action: str, model: ChatModel, facts: Facts) -> None:
    record(
        action,
        actor_id=acting.id,
        target=("model", model.id),
        facts=facts,
        labels={acting.id: acting.email},
    )
