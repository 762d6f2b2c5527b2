from __future__ import annotations

from django.urls import path

from console.views import settings

urlpatterns = [
    path("settings/", settings.index, name="settings"),
    path("settings/find", settings.find_places, name="find"),
    path("organization/", settings.organization, name="organization"),
    path("sign-in/", settings.sign_in, name="sign-in"),
]
