"""What a member asks for must be on offer in their organization: models, assistants, schemas."""

from __future__ import annotations

import uuid

from chat.errors import Invalid, NotOffered
from chat.models import Generation, Message
from chat.options import Options
from inference.models import Preset
from inference.queries import model_for, preset_for, presets_for, schema_version_for
from inference.registry_errors import RegistryError

NOT_RECORDED = "How this answer was made was not recorded. Ask for a new one instead."
ANOTHER_PROMPT = "That answer belongs to another message. Reload the page."


def check_offered(organization_id: uuid.UUID, *choices: Options) -> None:
    """Raise NotOffered when anything that is chosen here is not there for this organization.

    What several of them choose is looked up once: this is on the way to the first token.
    """
    try:
        for model_id in dict.fromkeys(one.model for one in choices if one.model):
            model_for(organization_id, model_id)
        for preset_id in dict.fromkeys(one.preset for one in choices if one.preset):
            preset_for(organization_id, preset_id)
        for version_id in dict.fromkeys(one.schema for one in choices if one.schema):
            schema_version_for(organization_id, version_id)
    except RegistryError as error:
        raise NotOffered(error.words) from None


def model_asked(organization_id: uuid.UUID, options: Options, *others: Options) -> uuid.UUID | None:
    """Return the model that is to answer, None for the default one; raises NotOffered.

    It is the one that is chosen, or else the assistant's. The others must be on offer too.
    """
    check_offered(organization_id, *others, options)
    if options.model:
        return options.model
    preset = _preset(organization_id, options.preset)
    if preset is None or preset.chat_model_id is None:
        return None
    check_offered(organization_id, Options(model=preset.chat_model_id))
    return preset.chat_model_id


def made_like(organization_id: uuid.UUID, prompt: Message, generation_id: uuid.UUID) -> Generation:
    """Return an answer to this prompt that can be made again as it was; raises Invalid and NotOffered."""
    earlier = Generation.objects.filter(id=generation_id, message__parent=prompt).first()
    if earlier is None:
        raise Invalid(ANOTHER_PROMPT)
    if not earlier.manifest:
        raise Invalid(NOT_RECORDED)
    check_offered(organization_id, Options(model=uuid.UUID(earlier.manifest["model"]["id"])))
    return earlier


def _preset(organization_id: uuid.UUID, preset_id: uuid.UUID | None) -> Preset | None:
    offered = presets_for(organization_id)
    return (offered.filter(id=preset_id) if preset_id else offered.filter(is_default=True)).first()
