"""Errors of starting a model's server. The message is one sentence or two that say what to do.

ServeError
├── UnknownModel    no model of that name, or nothing at that path
├── UnfitModel      its files lack what Hermes 4 on this platform needs
├── WillNotFit      the GPUs, the context or the way it is spread over them
├── WrongOption     an option's value, or two that exclude each other
└── EngineMissing   the program that would serve it is not installed
"""

from __future__ import annotations


class ServeError(Exception):
    """Raise a child of it."""


class UnknownModel(ServeError):
    pass


class UnfitModel(ServeError):
    pass


class WillNotFit(ServeError):
    pass


class WrongOption(ServeError):
    pass


class EngineMissing(ServeError):
    pass
