"""Which model classifies for an organization, and whether it is fit for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from chat.classifying import Passage, question, tokens_of
from inference.model_facts import facts_of
from inference.models import ChatModel
from inference.queries import classifiers_for, models_for
from moderation.channel import Channel
from moderation.policy import Classified, Policy
from moderation.windows import CONTEXT, LONGEST

# Tokens: the instructions, some definitions, one window with what stands before it, the scores.
LEAST_CONTEXT = 4096
TOO_MUCH = (
    "The definitions of the categories need about {needed:,} tokens, and {name} reads {context:,} at once. Shorten "
    "them, or choose another classifier."
)
NO_MODEL = "There is no model that could classify. An operator adds one."
UNKNOWN = "There is no model named “{name}” for your organization. Choose another classifier, or ask your operator."
TRIAL = "{name} is the small trial model: it cannot judge texts. Add a larger model, or choose one as the classifier."
NO_SCHEMA = "{name} cannot be held to a JSON schema, so its verdicts cannot be relied on. Choose another classifier."
SHORT = "{name} reads {context:,} tokens at once; a classifier needs at least {least:,}. Choose another classifier."
UNSEEN = "Nobody has reached a server of {name} yet, so what it can do is not known. Ask your operator."
UNWELL = "{name} classifies, but now: {why} Until it answers, nothing passes that a classifier rule reads."
FIT = "{name} classifies."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """`words` says who classifies, or what is wrong and what to do. Without a model there is no id."""

    model_name: str
    words: str
    fit: bool
    model_id: uuid.UUID | None = None
    context_length: int = 0


def fitness(organization_id: uuid.UUID, policy: Policy) -> Fitness:
    """Return who would classify for a policy, and whether its definitions fit there."""
    found = classifier_of(organization_id, policy.classifier)
    named = dict.fromkeys(rule.category for rule in policy.rules if isinstance(rule.match, Classified))
    longest = Passage(channel=Channel.ANSWER, text="x" * LONGEST, before="x" * CONTEXT)
    needed = tokens_of(question([policy.category(id) for id in named], [longest], cache_salt=""))
    if found.fit and needed > found.context_length:
        words = TOO_MUCH.format(name=found.model_name, context=found.context_length, needed=needed)
        return replace(found, words=words, fit=False)
    return found


def classifier_of(organization_id: uuid.UUID, name: str) -> Fitness:
    """Return the model of a name that an organization may use, "" stands for its default one."""
    offered = classifiers_for(organization_id).filter(name=name) if name else models_for(organization_id)
    model = offered.prefetch_related("endpoints").first()
    if model is None:
        return Fitness(model_name=name, words=UNKNOWN.format(name=name) if name else NO_MODEL, fit=False)
    return fitness_of(model)


def fitness_of(model: ChatModel) -> Fitness:
    """Return whether a model is fit to classify."""
    facts, name = facts_of(model), model.name
    context = facts.context_length or 0
    fault = ""
    if facts.trial:
        fault = TRIAL.format(name=name)
    elif not context:
        fault = UNSEEN.format(name=name)
    elif not facts.schema:
        fault = NO_SCHEMA.format(name=name)
    elif context < LEAST_CONTEXT:
        fault = SHORT.format(name=name, context=context, least=LEAST_CONTEXT)
    words = FIT.format(name=name) if facts.ready else UNWELL.format(name=name, why=facts.words)
    return Fitness(model_name=name, words=fault or words, fit=not fault, model_id=model.id, context_length=context)


def choices(organization_id: uuid.UUID) -> list[Fitness]:
    """Return every model that a policy may name, fit ones first."""
    found = [fitness_of(model) for model in classifiers_for(organization_id).prefetch_related("endpoints")]
    return sorted(found, key=lambda one: (not one.fit, one.model_name))
