"""Tell a form why an action refused what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from inference.registry_errors import Invalid, NameTaken, NoSuchModel, NoSuchSchema, RegistryError

FIELDS: dict[type[RegistryError], str] = {NameTaken: "name", NoSuchModel: "model", NoSuchSchema: "schema"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which what is saved now and what was typed differ."""

    label: str
    saved: str
    typed: str


def refuse(form: forms.Form, error: RegistryError) -> None:
    """Show an error at the field that it is about."""
    field = error.field if isinstance(error, Invalid) else FIELDS.get(type(error))
    form.add_error(field if field in form.fields else None, error.words)


def differences(form: forms.Form, saved: dict[str, Any]) -> list[Difference]:
    """Return where a typed form differs from what somebody else has saved meanwhile."""
    return list(_differing(form, saved))


def _differing(form: forms.Form, saved: dict[str, Any]) -> Iterable[Difference]:
    for field in form.visible_fields():
        before, typed = (_text(_chosen(field, one)) for one in (saved.get(field.name), field.value()))
        if before != typed:
            yield Difference(label=str(field.label), saved=before or "nothing", typed=typed or "nothing")


def _chosen(field: forms.BoundField, value: object) -> object:
    """Return what a choice is called; a choice that explains itself is its word."""
    choices: Iterable[tuple[object, object]] = getattr(field.field.widget, "choices", [])
    names = {str(key): name for key, name in choices if isinstance(name, str) and not isinstance(name, SafeString)}
    return names.get(str(value), value)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
