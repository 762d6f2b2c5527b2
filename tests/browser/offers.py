"""What an organization offers its members, for browser tests: models of the scripted engine, assistants, schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inference.models import ChatModel, Endpoint, Preset, Schema, SchemaVersion
from tests.cast import Cast

CAN = {"reasoning": True, "tools": True, "schema": True, "context_length": 131072}
CANNOT = {"reasoning": False, "tools": False, "schema": False, "context_length": 8192}
NOWHERE = "http://127.0.0.1:9/v1"
INVOICE = {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """`large` thinks, `plain` does not, `away` has a server that does not answer; `judge` thinks hard."""

    large: ChatModel
    plain: ChatModel
    away: ChatModel
    judge: Preset
    clerk: Preset
    invoice: SchemaVersion


def make_offers(cast: Cast, engine: str) -> Offers:
    """Offer models, assistants and a schema to one organization alone."""
    suffix = cast.organization.slug[-8:]
    large = model(cast, f"Hermes 4 70B {suffix}", f"{engine}/v1", CAN)
    plain = model(cast, f"Hermes 4 14B {suffix}", f"{engine}/v1", CANNOT)
    away = model(cast, f"Hermes 4 405B {suffix}", NOWHERE, CAN)
    schema = Schema.objects.create(organization=cast.organization, name="Invoice", description="Number, lines, total")
    return Offers(
        large=large,
        plain=plain,
        away=away,
        judge=Preset.objects.create(
            organization=cast.organization,
            chat_model=large,
            name="Contract reviewer",
            description="Reads contracts and lists their risks",
            effort="high",
        ),
        clerk=Preset.objects.create(
            organization=cast.organization,
            chat_model=large,
            name="Invoice reader",
            description="Answers in JSON",
            format="json",
        ),
        invoice=SchemaVersion.objects.create(schema=schema, number=1, document=INVOICE),
    )


def model(cast: Cast, name: str, address: str, declared: Mapping[str, object]) -> ChatModel:
    """Return a model with one server that one organization sees."""
    made = ChatModel.objects.create(name=name, for_everyone=False, declared=dict(declared))
    made.organizations.add(cast.organization)
    Endpoint.objects.create(chat_model=made, base_url=address)
    return made
