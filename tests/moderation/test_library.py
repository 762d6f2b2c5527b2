"""The library: each document is compiled once for everybody, and a changed draft is not taken for what it was."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.actions import versions
from moderation.errors import NoSuchPolicy, PolicyInvalid
from moderation.library import LEAST, Library, compiled, compiled_already, compiled_from
from moderation.models import PolicyVersion
from moderation.policy import Patterns, Policy
from tests.cast import Cast
from tests.moderation.policies import case, policy, published, rule


def test_a_version_is_compiled_once_and_then_costs_no_document(cast: Cast) -> None:
    version = published(cast.alice, policy(case(), name="Compiled once"))
    first = compiled(version.id)
    with CaptureQueriesContext(connection) as told:
        assert compiled(version.id, version.digest) is first
        assert compiled_already(version.digest) is first
    assert len(told) == 0
    assert first.policy.name == "Compiled once"


def test_equal_documents_are_compiled_once(cast: Cast) -> None:
    version = published(cast.alice, policy(name="Twice the same"))
    again = versions.create_draft(acting=cast.alice, policy=policy(name="Twice the same"))
    assert compiled(again.id) is compiled(version.id)
    assert compiled_from(policy(name="Twice the same")) is compiled(version.id)


def test_an_edited_draft_is_compiled_anew(cast: Cast) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy(name="Before"))
    assert compiled(draft.id).policy.name == "Before"
    versions.save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy(name="After"))
    assert compiled(draft.id).policy.name == "After"


def test_what_does_not_exist_cannot_be_compiled(lasting: None) -> None:
    with pytest.raises(NoSuchPolicy):
        compiled(uuid.uuid4())
    assert compiled_already("") is None


def test_a_document_that_is_no_policy_is_told_each_time(cast: Cast) -> None:
    row = PolicyVersion.objects.create(
        organization=cast.organization, number=1, name="Broken", document={"name": ""}, digest=uuid.uuid4().hex
    )
    for _ in range(2):
        with pytest.raises(PolicyInvalid):
            compiled(row.id)


def test_whoever_asks_meanwhile_waits_for_the_same_work() -> None:
    library, started, read = Library(), threading.Event(), []
    go = threading.Event()

    def slowly() -> Policy:
        read.append(1)
        started.set()
        assert go.wait(10)
        return policy()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(library.get, "digest", slowly) for _ in range(8)]
        assert started.wait(10)
        assert library.peek("digest") is None
        go.set()
        found = {id(one.result()) for one in asked}
    assert (len(found), len(read)) == (1, 1)


def test_a_failure_is_not_kept() -> None:
    library = Library()
    broken = replace(policy(), rules=(replace(rule(), match=Patterns(patterns=("(",))),))
    with pytest.raises(PolicyInvalid):
        library.get("digest", lambda: broken)
    assert library.get("digest", policy).policy == policy()


def test_what_was_not_used_longest_makes_room() -> None:
    library = Library(room=2 * (LEAST + 1))
    for name in ("a", "b", "a", "c"):
        library.get(name, policy)
    assert [library.peek(name) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_one_that_is_larger_than_all_room_is_kept_alone() -> None:
    library = Library(room=0)
    library.get("a", policy)
    library.get("b", policy)
    assert [library.peek(name) is not None for name in ("a", "b")] == [False, True]
