"""Give a security key or passkey another name."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import EditWebAuthnForm
from django.db import transaction

from accounts.everywhere import record_everywhere


class RenameKeyForm(EditWebAuthnForm):
    """allauth's own form, which says nothing of it to anybody."""

    def save(self) -> Authenticator:
        with transaction.atomic():
            saved = super().save()
            record_everywhere("accounts.second_factor.renamed", person=saved.user, acting=saved.user)
        return saved
