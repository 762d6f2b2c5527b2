"""What an operator has switched off: for everybody, and for one organization before that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.features import FEATURES, features_of, is_on
from accounts.models import FeatureSwitch
from tests.cast import Cast


@pytest.fixture(autouse=True)
def switches(lasting: None) -> Iterator[None]:
    yield
    FeatureSwitch.objects.all().delete()


@pytest.mark.parametrize("name", FEATURES)
def test_it_is_as_it_comes_until_somebody_says_otherwise(cast: Cast, name: str) -> None:
    assert is_on(name, cast.organization.id) is FEATURES[name].default


@pytest.mark.parametrize("everybody", [None, True, False])
@pytest.mark.parametrize("own", [None, True, False])
def test_the_nearest_word_holds(cast: Cast, everybody: bool | None, own: bool | None) -> None:
    if own is not None:
        FeatureSwitch.objects.create(name="exports", organization=cast.organization, is_on=own)
    if everybody is not None:
        FeatureSwitch.objects.create(name="exports", is_on=everybody)
    said = [one for one in (own, everybody, FEATURES["exports"].default) if one is not None]
    assert is_on("exports", cast.organization.id) is said[0]
    assert features_of(cast.organization.id)["exports"] is said[0]
    elsewhere = everybody if everybody is not None else True
    assert is_on("exports", cast.charlie.organization_id) is elsewhere


def test_one_switch_moves_nothing_else(cast: Cast) -> None:
    FeatureSwitch.objects.create(name="exports", is_on=False)
    assert features_of(cast.organization.id) == {name: name != "exports" for name in FEATURES}


def test_what_does_not_exist_is_an_error(cast: Cast) -> None:
    with pytest.raises(KeyError):
        is_on("flying", cast.organization.id)
