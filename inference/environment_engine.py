"""The engine that the environment names is a row of the registry like any other; here it is kept in step."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import sealing
from inference.engine import TRIAL_MODEL
from inference.models import ChatModel, Endpoint

PLACEHOLDER = "The model"


def keep_environment_engine() -> None:
    """Make or mend the row of the environment's engine. Several workers may do so at once: one makes it."""
    try:
        _keep()
    except IntegrityError:
        # Another worker has made it in this moment: now it is there.
        _keep()


@transaction.atomic
def _keep() -> None:
    if not _mend():
        _make()


def name_after(row: Endpoint, served: str) -> None:
    """Name the environment's model after what its server serves, unless the operator has named it."""
    model = row.chat_model
    if row.from_environment and model.name != served and _is_automatic(row):
        ChatModel.objects.filter(id=model.id, name=model.name).update(name=_free_name(served, model.id))


def _is_automatic(row: Endpoint) -> bool:
    given = (PLACEHOLDER, TRIAL_MODEL, row.served_name, row.discovered.get("model", ""))
    return any(name and row.chat_model.name in (name, _second(name)) for name in given)


def _mend() -> bool:
    row = Endpoint.objects.select_for_update(of=("self",)).select_related("chat_model")
    found = row.filter(from_environment=True).first()
    if found is None:
        return False
    if _is_in_step(found):
        return True
    if _is_automatic(found):
        found.chat_model.name = _free_name(_first_name(), found.chat_model_id)
        found.chat_model.save(update_fields=["name"])
    _write(found)
    return True


def _is_in_step(row: Endpoint) -> bool:
    try:
        key = sealing.unseal(row.sealed_key)
    except sealing.Unreadable:
        return False
    return (row.base_url, row.served_name, key) == (
        settings.ENGINE_URL,
        settings.ENGINE_MODEL,
        settings.ENGINE_API_KEY,
    )


def _write(row: Endpoint) -> None:
    row.base_url, row.served_name = settings.ENGINE_URL, settings.ENGINE_MODEL
    row.sealed_key = sealing.seal(settings.ENGINE_API_KEY)
    row.discovered, row.health, row.words, row.checked_at = {}, Endpoint.Health.UNKNOWN, "", None
    row.save()


def _make() -> None:
    model = ChatModel.objects.filter(from_environment=True).first() or ChatModel.objects.create(
        name=_free_name(_first_name(), None),
        from_environment=True,
        is_default=not ChatModel.objects.filter(is_default=True).exists(),
    )
    _write(Endpoint(chat_model=model, from_environment=True))


def _first_name() -> str:
    """Return a name for the time before the server has told one."""
    return settings.ENGINE_MODEL or (TRIAL_MODEL if settings.ENGINE_IS_TRIAL else PLACEHOLDER)


def _free_name(wanted: str, model_id: uuid.UUID | None) -> str:
    wanted = wanted[:100]
    others = ChatModel.objects.exclude(id=model_id) if model_id else ChatModel.objects.all()
    return _second(wanted) if others.filter(name=wanted).exists() else wanted


def _second(name: str) -> str:
    return f"{name[:100]} (from the environment)"[:120]
