from __future__ import annotations

from django.urls import path

from console.views import break_glass

urlpatterns = [
    path("break-glass/", break_glass.requests, name="break-glass"),
    path("break-glass/rules", break_glass.rules, name="break-glass-rules"),
    path("break-glass/conversations/", break_glass.conversations, name="break-glass-conversations"),
    path("break-glass/conversations/<uuid:conversation_id>/", break_glass.ask, name="ask-break-glass"),
    path("break-glass/<uuid:glass_id>/", break_glass.read, name="read-under-glass"),
    path("break-glass/<uuid:glass_id>/approve", break_glass.approve, name="approve-break-glass"),
    path("break-glass/<uuid:glass_id>/refuse", break_glass.refuse, name="refuse-break-glass"),
    path("break-glass/<uuid:glass_id>/close", break_glass.close, name="close-break-glass"),
]
