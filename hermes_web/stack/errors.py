"""Errors of the embedded stack. The message is one sentence that says what to do.

StackError
├── AlreadyRunning      another `up` holds the data folder
├── PortTaken           something else listens there
├── ToolMissing         a server's package is not installed
├── ServerUnreachable   a server that the environment names does not answer
└── ChildFailed         a process did not become ready
"""

from __future__ import annotations


class StackError(Exception):
    """Raise a child of it where a caller may want to know which."""


class AlreadyRunning(StackError):
    pass


class PortTaken(StackError):
    pass


class ToolMissing(StackError):
    pass


class ServerUnreachable(StackError):
    pass


class ChildFailed(StackError):
    pass
