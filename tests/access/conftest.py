from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.access.world import World, make_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, _static: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield make_world()
        connection.close()
