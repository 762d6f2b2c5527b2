"""What an organization has decided about everything that applies to its people, in one statement."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import OuterRef

from accounts.features import switches_for
from accounts.joined_rows import all_joined, joined, row_from, rows_from
from accounts.models import FeatureSwitch, Organization, SignInRules
from chat.models import BreakGlassRules, LegalHold, RetentionRules
from inference.models import ChatModel, OrganizationRules, PlatformRules, Preset
from inference.queries import models_for, presets_for
from inference.rulebook import Rulebook
from moderation.models import OrganizationPolicy, PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The rows; None where nobody has decided anything."""

    rules: Rulebook
    preset: Preset | None
    models: list[ChatModel]
    retention: RetentionRules | None
    break_glass: BreakGlassRules | None
    sign_in: SignInRules | None
    holds: list[LegalHold]
    switches: list[FeatureSwitch]
    enforced: PolicyVersion | None


def place_of(organization_id: uuid.UUID) -> Place:
    """Read it."""
    here = {"organization_id": OuterRef("id")}
    enforced = OrganizationPolicy.objects.filter(organization_id=organization_id).values("enforced_id")
    found = Organization.objects.values(
        platform=joined(PlatformRules.objects.all()),
        own=joined(OrganizationRules.objects.filter(**here)),
        preset=joined(presets_for(organization_id).filter(is_default=True)),
        models=all_joined(models_for(organization_id)),
        retention=joined(RetentionRules.objects.filter(**here)),
        break_glass=joined(BreakGlassRules.objects.filter(**here)),
        sign_in=joined(SignInRules.objects.filter(**here)),
        holds=all_joined(LegalHold.objects.filter(**here, lifted_at=None, conversation=None).order_by("placed_at")),
        switches=all_joined(switches_for(OuterRef("id"))),
        enforced=joined(PolicyVersion.objects.filter(id__in=enforced)),
    ).get(id=organization_id)
    return Place(
        rules=Rulebook(
            platform=row_from(PlatformRules, found["platform"]) or PlatformRules(),
            organization=row_from(OrganizationRules, found["own"]) or OrganizationRules(),
        ),
        preset=row_from(Preset, found["preset"]),
        models=rows_from(ChatModel, found["models"]),
        retention=row_from(RetentionRules, found["retention"]),
        break_glass=row_from(BreakGlassRules, found["break_glass"]),
        sign_in=row_from(SignInRules, found["sign_in"]),
        holds=rows_from(LegalHold, found["holds"]),
        switches=rows_from(FeatureSwitch, found["switches"]),
        enforced=row_from(PolicyVersion, found["enforced"]),
    )
