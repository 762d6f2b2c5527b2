"""Mail an invitation to the person it is for."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.actions.invitations import Invited

log = logging.getLogger(__name__)


def address_of(invited: Invited) -> str:
    """Return the invitation's link."""
    return str(settings.PUBLIC_URL) + reverse("accounts:invitation", args=[invited.token])


def mail_invitation(invited: Invited) -> bool:
    """Mail the link where mail can be sent and an address is known; say whether it went out."""
    invitation = invited.invitation
    if not (settings.EMAIL_IS_SENT and invitation.email):
        return False
    text = render_to_string(
        "accounts/email/invitation.txt", {"invitation": invitation, "address": address_of(invited)}
    )
    try:
        send_mail(_subject(invitation.organization.name), text, None, [invitation.email])
    except (smtplib.SMTPException, OSError) as error:
        log.warning("An invitation could not be mailed: %s", error)
        return False
    return True


def _subject(organization: str) -> str:
    # A subject is one line, whatever somebody has sent as a name.
    return f"Join {' '.join(organization.split())} on Hermes Web"
