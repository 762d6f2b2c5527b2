"""What the pages about retention and break-glass speak of: a hold, a certificate, one request, one that is open."""

from __future__ import annotations

import uuid

from accounts.models import Membership
from chat.actions.break_glass import approve, ask
from chat.actions.holds import place
from chat.models import Conversation, DeletionCertificate

REASON = "To test who may do what"


def keeping(owner: Membership, admin: Membership, conversation: Conversation) -> dict[str, str]:
    """Make one of each, about a member's conversation; return the arguments of their addresses."""
    hold = place(acting=owner, reason=REASON, conversation_id=conversation.id)
    asked = ask(acting=owner, conversation_id=conversation.id, reason=REASON, hours=1)
    read = ask(acting=admin, conversation_id=conversation.id, reason=REASON, hours=1)
    approve(acting=owner, glass_id=read.id)
    certificate = DeletionCertificate.objects.create(
        organization_id=owner.organization_id, job_id=uuid.uuid4(), digest=""
    )
    return {
        "hold_id": str(hold.id),
        "certificate_id": str(certificate.id),
        "glass_id": str(asked.id),
        "open_glass": str(read.id),
        "member_user": str(conversation.owner_id),
    }
