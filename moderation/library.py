"""Compiled policies of this process: each document is compiled once and shared by everybody who enforces it.

Compiling takes up to a second: call this in a thread, never on an event loop.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from moderation.compiled import CompiledPolicy, compile_policy
from moderation.document import digest as digest_of
from moderation.document import facts, parse
from moderation.errors import NoSuchPolicy
from moderation.models import PolicyVersion
from moderation.policy import Policy, Terms

ROOM = 1_000_000
"""Terms of all that is kept; a policy counts for a thousand more than it has."""
LEAST = 1_000
TURNS = 16


class Library:
    """The most recently used compiled policies by digest: equal documents are one. Safe for threads."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = Lock()
        self._shelf: OrderedDict[str, CompiledPolicy] = OrderedDict()
        self._turns = tuple(Lock() for _ in range(TURNS))

    def peek(self, digest: str) -> CompiledPolicy | None:
        """Return what is compiled already; never waits for a compilation."""
        with self._lock:
            found = self._shelf.get(digest)
            if found is not None:
                self._shelf.move_to_end(digest)
            return found

    def get(self, digest: str, read: Callable[[], Policy]) -> CompiledPolicy:
        """Return what is compiled, or compile it, once for all who ask meanwhile. Raises PolicyInvalid."""
        with self._turns[hash(digest) % TURNS]:
            found = self.peek(digest)
            if found is None:
                found = compile_policy(read())
                self._keep(digest, found)
            return found

    def _keep(self, digest: str, policy: CompiledPolicy) -> None:
        with self._lock:
            self._shelf[digest] = policy
            while len(self._shelf) > 1 and sum(map(_size, self._shelf.values())) > self._room:
                self._shelf.popitem(last=False)


def _size(compiled: CompiledPolicy) -> int:
    terms = (len(rule.match.terms) for rule in compiled.policy.rules if isinstance(rule.match, Terms))
    return LEAST + sum(terms)


_library = Library()


def compiled(version_id: uuid.UUID, digest: str = "") -> CompiledPolicy:
    """Return the compiled form of a version. Raises NoSuchPolicy or PolicyInvalid.

    With the version's digest nothing is read when it is compiled already. Access is for the caller to prove.
    """
    rows = PolicyVersion.objects.filter(id=version_id)
    known = digest or rows.values_list("digest", flat=True).first()
    found = _library.peek(known or "")
    return _read(version_id) if found is None else found


def compiled_already(digest: str) -> CompiledPolicy | None:
    """Return the compiled form of a document when this process has it; waits for nothing and reads nothing."""
    return _library.peek(digest)


def compiled_from(policy: Policy) -> CompiledPolicy:
    """Return the compiled form of a policy that need not be stored. Raises PolicyInvalid."""
    return _library.get(digest_of(facts(policy)), lambda: policy)


def _read(version_id: uuid.UUID) -> CompiledPolicy:
    # Digest and document of one moment: a draft may change.
    row = PolicyVersion.objects.filter(id=version_id).values_list("digest", "document").first()
    if row is None:
        raise NoSuchPolicy
    digest, document = row
    return _library.get(digest, lambda: parse(document))
