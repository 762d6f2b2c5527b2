"""A member's own page of usage."""

from __future__ import annotations

from django.urls import path

from console.views.my_usage import my_usage

app_name = "mine"

urlpatterns = [path("usage", my_usage, name="usage")]
