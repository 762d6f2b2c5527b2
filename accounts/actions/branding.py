"""An organization's name and branding, changed by its administrators."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.actions.administrators import administrator
from accounts.actions.organizations import rename_organization
from accounts.branding import ACCENTS, is_https
from accounts.deeds import say
from accounts.errors import Invalid, Outdated
from accounts.models import Branding, Membership
from audit.changes import changes
from audit.record import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandingDraft:
    """What name and branding are to be; empty is the product's own."""

    name: str
    title: str = ""
    welcome: str = ""
    accent: str = ""
    guidance_url: str = ""


@transaction.atomic
def change_branding(*, acting: Membership, version: int, draft: BrandingDraft) -> Branding:
    """Set name and branding that were read in a version. Raises NotAllowed, Outdated or Invalid."""
    acting = administrator(acting)
    branding = Branding.objects.filter(organization_id=acting.organization_id).first() or Branding(
        organization_id=acting.organization_id
    )
    if branding.version != version:
        raise Outdated
    _check(draft)
    before = _facts(branding)
    renamed = acting.organization.name != draft.name
    _fill(branding, draft)
    changed = changes(before, _facts(branding))
    if renamed:
        rename_organization(acting=acting, name=draft.name)
    if changed["changed"]:
        say(acting, "accounts.branding.changed", ("organization", acting.organization_id), changed)
    if renamed or changed["changed"]:
        branding.version += 1
        branding.save()
    return branding


def _check(draft: BrandingDraft) -> None:
    if draft.accent not in ACCENTS:
        raise Invalid("accent", "Choose one of the colours.")
    if draft.guidance_url and not is_https(draft.guidance_url):
        raise Invalid("guidance_url", "Give an address that begins with https://, or leave it empty.")


def _fill(branding: Branding, draft: BrandingDraft) -> None:
    branding.title, branding.welcome = draft.title, draft.welcome
    branding.accent, branding.guidance_url = draft.accent, draft.guidance_url


def _facts(branding: Branding) -> dict[str, Fact]:
    return {
        "title": branding.title,
        "welcome": branding.welcome,
        "accent": branding.accent,
        "guidance_url": branding.guidance_url,
    }
