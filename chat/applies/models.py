"""The models and the assistant that one person has."""

from __future__ import annotations

from collections.abc import Iterable

from chat.applies.setting import Level, Setting
from inference.models import ChatModel, Preset


def model_settings(models: Iterable[ChatModel]) -> list[Setting]:
    """Return the models that a person may use, each with who gave it."""
    found = [
        Setting(
            name=f"Model {one.name}",
            value="Can be chosen" + (", and answers where none is" if one.is_default else ""),
            level=Level.PLATFORM if one.for_everyone else Level.OPERATOR,
            why=(
                "The operator offers it to every organization."
                if one.for_everyone
                else "The operator offers it to this organization."
            ),
            page="models",
        )
        for one in models
    ]
    nothing = Setting(name="Models", value="None", level=Level.OPERATOR, why="The operator offers none yet.")
    return found or [nothing]


def assistant_settings(preset: Preset | None) -> list[Setting]:
    """Return the assistant that new chats begin with."""
    if preset is None:
        why = "No assistant is the default one here."
        return [Setting(name="New chats begin", value="Without an assistant", level=Level.UNSET, why=why)]
    return [
        Setting(
            name="New chats begin",
            value=f"With the assistant “{preset}”",
            level=Level.ORGANIZATION,
            why="An administrator chose it as the default one. Another one may be chosen in each chat.",
            page="assistants",
        )
    ]
