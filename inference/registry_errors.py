"""Errors of the registry of models, and of what organizations keep beside it. `words` is for the person.

RegistryError
├── NoSuchModel    unknown, switched off, removed, or of other organizations: deliberately the same
├── NoSuchPreset   unknown, archived, or of another organization
├── NoSuchSchema   unknown, or of another organization
├── NotAllowed     a member, but not one who may change this
├── NameTaken      something here has this name already
├── Outdated       somebody has changed it meanwhile
└── Invalid        a value that cannot be kept; `field` names it
"""

from __future__ import annotations


class RegistryError(Exception):
    """Do not raise directly."""

    words = "That did not work."


class NoSuchModel(RegistryError):
    words = "This model is not available any more. Choose another one."


class NoSuchPreset(RegistryError):
    words = "This assistant is not available any more. Choose another one."


class NoSuchSchema(RegistryError):
    words = "This schema is not available any more. Choose another one."


class NotAllowed(RegistryError):
    words = "Your role does not allow this."


class NameTaken(RegistryError):
    words = "There is one with this name already. Choose another name."


class Outdated(RegistryError):
    words = "Somebody else has changed this meanwhile."


class Invalid(RegistryError):
    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words
