"""What a member may choose from: their organization's own, by three queries."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from chat.choices import choices_for
from inference.engine import TRIAL_MODEL
from inference.models import ChatModel, Endpoint, OrganizationRules, PlatformRules, Preset, Schema, SchemaVersion
from tests.cast import Cast, join, person

pytestmark = pytest.mark.usefixtures("registry", "unseen")
FOUND = {"model": "hermes-4-14b", "context_length": 40960, "reasoning": True, "tools": True, "schema": True}


def model(cast: Cast, *found: dict[str, object], **fields: object) -> ChatModel:
    """A model that only this organization sees, with one server for each set of discovered facts."""
    made = ChatModel.objects.create(name=f"Model {uuid.uuid4().hex[:8]}", for_everyone=False, **fields)
    made.organizations.add(cast.organization)
    for one in found:
        facts = dict(one)
        health = str(facts.pop("health", Endpoint.Health.UP.value))
        words = str(facts.pop("words", ""))
        Endpoint.objects.create(
            chat_model=made, base_url="http://gpu:8000/v1", discovered=facts, health=health, words=words
        )
    return made


def shown(cast: Cast, made: ChatModel) -> dict[str, object]:
    return next(one for one in choices_for(cast.bob)["models"] if one["id"] == str(made.id))


def test_what_is_offered_takes_two_queries(cast: Cast) -> None:
    for number in range(3):
        model(cast, FOUND, FOUND)
        Preset.objects.create(organization=cast.organization, name=f"Assistant {number}")
        schema = Schema.objects.create(organization=cast.organization, name=f"Schema {number}")
        for version in (1, 2):
            SchemaVersion.objects.create(schema=schema, number=version, document={})
    OrganizationRules.objects.create(organization=cast.organization)
    with CaptureQueriesContext(connection) as asked:
        found = choices_for(cast.bob)
    assert len(asked) == 2
    assert len(found["presets"]) == len(found["schemas"]) == 3
    json.dumps(found)


def test_an_assistant_is_told_with_what_it_chooses(cast: Cast) -> None:
    made = model(cast, FOUND)
    Preset.objects.create(organization=cast.organization, name="Plain", description="For everything")
    preset = Preset.objects.create(
        organization=cast.organization,
        name="Thinker",
        system_prompt="Secret instructions",
        chat_model=made,
        effort="high",
        format="json",
        is_default=True,
    )
    Preset.objects.create(organization=cast.organization, name="Gone", archived_at=timezone.now())
    Preset.objects.create(organization=cast.charlie.organization, name="Theirs")
    found = choices_for(cast.bob)
    assert [one["name"] for one in found["presets"]] == ["Thinker", "Plain"]
    assert found["presets"][0] == {
        "id": str(preset.id),
        "name": "Thinker",
        "description": "",
        "model": str(made.id),
        "effort": "high",
        "format": "json",
    }
    assert found["default_preset"] == str(preset.id)
    assert "Secret" not in json.dumps(found)


def test_a_schema_is_told_by_its_newest_version(cast: Cast) -> None:
    schema = Schema.objects.create(organization=cast.organization, name="Invoice", description="What is owed")
    SchemaVersion.objects.create(schema=schema, number=1, document={})
    newest = SchemaVersion.objects.create(schema=schema, number=2, document={})
    facts = {"id": str(newest.id), "name": "Invoice", "description": "What is owed"}
    assert choices_for(cast.bob)["schemas"] == [facts]
    assert choices_for(cast.charlie)["schemas"] == []


def test_a_model_can_what_each_of_its_servers_can(cast: Cast) -> None:
    made = model(cast, FOUND, {**FOUND, "tools": False, "context_length": 8192})
    facts = shown(cast, made)
    assert (facts["reasoning"], facts["tools"], facts["schema"], facts["context"]) == (True, False, True, 8192)
    assert (facts["ready"], facts["words"], facts["trial"]) == (True, "", False)
    corrected = model(cast, FOUND, declared={"tools": False, "context_length": 4096})
    facts = shown(cast, corrected)
    assert (facts["reasoning"], facts["tools"], facts["context"]) == (True, False, 4096)
    assert shown(cast, model(cast, {"model": TRIAL_MODEL}))["trial"] is True


@pytest.mark.parametrize(
    ("found", "ready", "words"),
    [
        ([], False, "No server is set up for this model."),
        ([{"health": Endpoint.Health.UNKNOWN}], True, ""),
        ([{"health": Endpoint.Health.DOWN}], False, "Its server does not answer now."),
        ([{"health": Endpoint.Health.DOWN, "words": "Nobody is there."}], False, "Nobody is there."),
        ([{"health": Endpoint.Health.OPEN}, {"health": Endpoint.Health.UP}], True, ""),
    ],
)
def test_a_model_says_whether_it_can_answer(
    cast: Cast, found: list[dict[str, object]], ready: bool, words: str
) -> None:
    facts = shown(cast, model(cast, *found))
    assert (facts["ready"], facts["words"]) == (ready, words)


def test_the_rules_say_what_one_may_choose_and_see(cast: Cast) -> None:
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    before = choices_for(cast.bob)
    assert (before["efforts"][0], before["sees_reasoning"]) == ("off", True)
    OrganizationRules.objects.create(
        organization=cast.organization,
        reasoning_default="high",
        reasoning_ceiling="medium",
        reasoning_visibility="roles",
        reasoning_roles=["reviewer"],
    )
    found = choices_for(cast.bob)
    assert found["efforts"] == ["off", "low", "medium"]
    assert found["effort"] == {"effort": "medium", "source": "organization", "locked": False}
    assert (found["sees_reasoning"], choices_for(reviewer)["sees_reasoning"]) == (False, True)


def test_the_platform_s_lock_holds_everywhere(cast: Cast) -> None:
    PlatformRules(reasoning_default="low", reasoning_locked=True, reasoning_visibility="nobody").save()
    OrganizationRules.objects.create(organization=cast.organization, reasoning_default="high")
    found = choices_for(cast.bob)
    assert found["effort"] == {"effort": "low", "source": "platform", "locked": True}
    assert found["sees_reasoning"] is False


def test_the_page_is_told(pages: Client, cast: Cast) -> None:
    Preset.objects.create(organization=cast.organization, name="Writer </script><b>")
    pages.force_login(cast.bob.user)
    page = pages.get(reverse("chat:home", args=[cast.organization.slug])).content.decode()
    facts = [json.loads(one) for one in re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", page)]
    told = next(one for one in facts if "choices" in one)["choices"]
    assert told == choices_for(Membership.objects.get(id=cast.bob.id))
    assert told["presets"][0]["name"] == "Writer </script><b>"
