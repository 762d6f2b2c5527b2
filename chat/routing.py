from __future__ import annotations

from django.urls import URLPattern, path

from chat.consumers import ChatConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/socket/", ChatConsumer.as_asgi(), name="socket"),
]
