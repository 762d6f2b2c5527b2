"""Models of the registry for tests."""

from __future__ import annotations

import uuid

from accounts.models import Organization
from inference.models import ChatModel, Endpoint
from tests.site import wait_until


def add_model(organization: Organization, *addresses: str, max_streams: int | None = None) -> ChatModel:
    """Add a Hermes of one organization with a server at each address, and wait until the worker has found them.

    `max_streams` is how many answers each makes at once; None is as many as it says itself.
    """
    model = ChatModel.objects.create(
        name=f"Hermes {uuid.uuid4().hex[:8]}",
        prompt_format="chatml",
        declared={"reasoning": True, "tools": True},
        for_everyone=False,
    )
    model.organizations.add(organization)
    for address in addresses:
        Endpoint.objects.create(chat_model=model, base_url=address, max_streams=max_streams)
    servers = Endpoint.objects.filter(chat_model=model)
    wait_until(lambda: not servers.exclude(health=Endpoint.Health.UP).exists(), "the worker's look at the model")
    return model


def withdraw(model: ChatModel) -> None:
    """Switch a model off."""
    ChatModel.objects.filter(id=model.id).update(enabled=False)
