"""The operator's admin: Django's, in unfold's clothes, for superusers only, and without any message text."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class OperatorSite(UnfoldAdminSite):
    site_header = "Hermes Web"
    site_title = "Hermes Web operator"
    index_title = "Operator"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


# Sign-in goes through the site's own page, with its second factor and its throttling.
OperatorSite.login = secure_admin_login(OperatorSite.login)
