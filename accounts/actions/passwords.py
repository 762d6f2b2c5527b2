"""A way back in for who has lost the password where no mail can be sent."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actions.operators import must_operate
from accounts.models import User
from audit.record import record


def make_password_link(*, acting: User, person: User) -> str:
    """Return a link with which a person chooses a new password. Only operators may. Raises NotAllowed.

    It works once: the token depends on the password that it replaces.
    """
    must_operate(acting)
    key = default_token_generator.make_token(person)
    with transaction.atomic():
        # With the link one can sign in as this person: whoever runs their organizations is to see that it was made.
        for organization_id in (None, *person.memberships.values_list("organization_id", flat=True)):
            record(
                "accounts.password.link_made",
                actor_id=acting.id,
                organization_id=organization_id,
                target=("user", person.id),
                labels={acting.id: acting.email, person.id: person.email},
            )
    names = {"uidb36": user_pk_to_url_str(person), "key": key}
    return str(settings.PUBLIC_URL) + reverse("account_reset_password_from_key", kwargs=names)
