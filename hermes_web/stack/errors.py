"""Errors of the embedded stack. The message is one sentence that says what to do.

StackError
├── AlreadyRunning   another `up` holds the data folder
├── PortTaken        something else listens there
├── ToolMissing      a server's package is not installed
└── ChildFailed      a process did not become ready
"""

from __future__ import annotations


class StackError(Exception):
    """Do not raise directly."""


class AlreadyRunning(StackError):
    pass


class PortTaken(StackError):
    pass


class ToolMissing(StackError):
    pass


class ChildFailed(StackError):
    pass
