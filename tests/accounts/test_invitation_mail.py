"""An invitation as a mail."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.invitations import Invited
from accounts.invitation_mail import address_of, mail_invitation
from accounts.models import Invitation, Organization


def test_a_name_of_several_lines_is_mailed_in_one(settings: Settings, mailoutbox: list[EmailMessage]) -> None:
    settings.EMAIL_IS_SENT = True
    invitation = Invitation(
        organization=Organization(name="Acme\r\nand  Sons"), email="nina@example.com", expires_at=timezone.now()
    )
    made = Invited(invitation=invitation, token="a-token")
    assert mail_invitation(made)
    (mail,) = mailoutbox
    assert mail.subject == "Join Acme and Sons on Hermes Web"
    assert address_of(made) in mail.body
