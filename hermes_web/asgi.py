"""The ASGI application: HTTP to Django, sockets to the consumer."""

from __future__ import annotations

import gc
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hermes_web.settings")
django_application = get_asgi_application()

# The consumer imports models, which exist only after Django is set up.
from chat.routing import websocket_urlpatterns  # noqa: E402
from hermes_web import socket_protocol  # noqa: E402
from hermes_web.request_origin import SocketOrigin  # noqa: E402

socket_protocol.install()
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SocketOrigin(
            OriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), settings.SOCKET_ORIGINS)
        ),
    }
)

# What is loaded by now stays: looking through it again and again would stop every stream for a moment.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
