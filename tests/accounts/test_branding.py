"""Branding: what is kept, what is shown, and that every accent can be read in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.actions.branding import BrandingDraft, change_branding
from accounts.branding import ACCENTS, Look, is_https, look_of
from accounts.errors import Invalid, NotAllowed, Outdated
from accounts.models import Organization
from audit.models import Event
from tests.cast import Cast

STYLES = Path(settings.BASE_DIR) / "frontend" / "styles"
PAIR = re.compile(r"(--[\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
LEAST = 4.5


def colours(css: str, mode: int) -> dict[str, str]:
    return {found[0]: found[mode] for found in PAIR.findall(css)}


def palette(accent: str, mode: int) -> dict[str, str]:
    """Return the colours of a page with an accent, in light (1) or in dark (2)."""
    own = colours((STYLES / "tokens.css").read_text(), mode)
    block = re.search(rf'\[data-accent="{accent}"\] {{(.*?)}}', (STYLES / "accents.css").read_text(), re.DOTALL)
    return {**own, **colours(block[1], mode)} if block else own


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_measured_as_it_is_defined() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", [1, 2], ids=["light", "dark"])
@pytest.mark.parametrize("accent", ACCENTS)
def test_every_accent_can_be_read(accent: str, mode: int) -> None:
    shown = palette(accent, mode)
    for ground in ("--paper", "--raised", "--sunken", "--accent-soft"):
        assert contrast(shown["--accent"], shown[ground]) >= LEAST, ground
    assert contrast(shown["--accent-ink"], shown["--accent"]) >= LEAST
    assert contrast(shown["--ink"], shown["--accent-soft"]) >= LEAST
    assert contrast(shown["--ink-soft"], shown["--accent-soft"]) >= LEAST


def test_every_accent_has_its_colours() -> None:
    css = (STYLES / "accents.css").read_text()
    assert set(re.findall(r'\[data-accent="(\w+)"\]', css)) == set(ACCENTS) - {""}


@pytest.mark.parametrize("address", ["https://acme.com", "https://acme.com/rules?a=b#c"])
def test_an_address_is_a_link(address: str) -> None:
    assert is_https(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.com",
        "javascript:alert(1)",
        "https://",
        "https:acme",
        "//acme.com",
        "https://a@b.com",
        "https://[",
        "",
    ],
)
def test_what_is_no_safe_address_is_none(address: str) -> None:
    assert not is_https(address)


def test_nothing_set_is_the_products_own(cast: Cast) -> None:
    assert look_of(cast.organization.id) == Look(title="Hermes", welcome="", accent="", guidance_url="")


def test_it_is_kept_and_recorded_before_and_after(cast: Cast) -> None:
    name = cast.organization.name
    draft = BrandingDraft(name="Acme & Co", title="Acme Chat", accent="blue", guidance_url="https://acme.com")
    assert change_branding(acting=cast.alice, version=0, draft=draft).version == 1
    assert look_of(cast.organization.id).title == "Acme Chat"
    assert Organization.objects.get(id=cast.organization.id).name == "Acme & Co"
    events = {one.action: one.facts for one in Event.objects.filter(organization_id=cast.organization.id)}
    assert events["accounts.organization.renamed"] == {"before": name, "after": "Acme & Co"}
    assert events["accounts.branding.changed"]["accent_before"] == ""
    assert events["accounts.branding.changed"]["accent_after"] == "blue"
    assert "welcome_after" not in events["accounts.branding.changed"]


def test_what_changes_nothing_is_not_recorded(cast: Cast) -> None:
    assert (
        change_branding(acting=cast.alice, version=0, draft=BrandingDraft(name=cast.organization.name)).version == 0
    )
    assert not Event.objects.filter(organization_id=cast.organization.id, action="accounts.branding.changed").exists()


def test_two_administrators_do_not_overwrite_each_other(cast: Cast) -> None:
    change_branding(acting=cast.alice, version=0, draft=BrandingDraft(name="First"))
    with pytest.raises(Outdated):
        change_branding(acting=cast.alice, version=0, draft=BrandingDraft(name="Second"))
    assert Organization.objects.get(id=cast.organization.id).name == "First"


@pytest.mark.parametrize(
    "draft",
    [
        BrandingDraft(name="Acme", accent="invisible"),
        BrandingDraft(name="Acme", guidance_url="javascript:alert(1)"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, draft: BrandingDraft) -> None:
    with pytest.raises(Invalid):
        change_branding(acting=cast.alice, version=0, draft=draft)


def test_members_change_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        change_branding(acting=cast.bob, version=0, draft=BrandingDraft(name="Bob’s"))


def test_pages_show_it(pages: Client, cast: Cast) -> None:
    draft = BrandingDraft(
        name="Acme",
        title="Ask <b>Acme",
        welcome="Be kind & brief.",
        accent="plum",
        guidance_url="https://acme.com/rules",
    )
    change_branding(acting=cast.alice, version=0, draft=draft)
    pages.force_login(cast.bob.user)
    page = pages.get(reverse("chat:home", args=[cast.organization.slug])).content.decode()
    assert 'data-accent="plum"' in page
    assert "Be kind &amp; brief." in page
    assert "Ask &lt;b&gt;Acme" in page
    assert 'data-guidance="https://acme.com/rules"' in page
    pages.force_login(cast.charlie.user)
    assert "plum" not in pages.get(reverse("chat:home", args=[cast.charlie.organization.slug])).content.decode()
