"""What an answer may cost goes into the ledger before it is made, and is taken from the quotas of who asks."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from chat.errors import OverQuota
from chat.models import Conversation, Generation
from chat.upper_bound import upper_bound
from inference import errors
from inference.models import LedgerEntry
from inference.quotas.amount import Amounts
from inference.quotas.caps import Caps, caps_of
from inference.quotas.limits import Limit, standing_of
from inference.quotas.reservation import QuotaWarning
from inference.quotas.reservation import reserve as take

# Without a quota on tokens nobody counts: what the engine makes room for.
CONTEXT = 8192


def reserve(
    generation: Generation, conversation: Conversation, *, may_refuse: bool = True
) -> tuple[QuotaWarning, ...]:
    """Put the coming engine call into the ledger with an upper bound of its cost; return warnings for who asks.

    The one that lasts longest comes first.

    In the caller's transaction, which is to end when this raises OverQuota.
    """
    standing = standing_of(generation.organization_id, generation.user_id)
    limits = standing.limits if may_refuse else tuple(replace(one, hard=None) for one in standing.limits)
    amounts, caps = _bounds(generation, conversation, standing.limits)
    entry = LedgerEntry(
        purpose=LedgerEntry.Purpose.ANSWER,
        organization_id=generation.organization_id,
        user_id=generation.user_id,
        conversation_id=conversation.id,
        generation_id=generation.id,
        epoch=generation.epoch + 1,
        groups=standing.groups,
        chat_model_id=generation.chat_model_id,
    )
    now = timezone.now()
    try:
        warnings = take(entry, limits, amounts, now)
    except errors.OverQuota as error:
        raise OverQuota(error.words, error.resets_at) from None
    if caps.facts() != generation.caps:
        Generation.objects.filter(id=generation.id).update(caps=caps.facts())
    return tuple(sorted(warnings, key=lambda one: one.resets_at or now, reverse=True))


def _bounds(generation: Generation, conversation: Conversation, limits: tuple[Limit, ...]) -> tuple[Amounts, Caps]:
    caps = caps_of(limits)
    if any(one.is_of_tokens for one in limits):
        return upper_bound(generation, conversation, caps)
    return Amounts(prompt=0, answer=settings.ENGINE_CONTEXT or CONTEXT), caps
