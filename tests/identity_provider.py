"""A small OpenID Connect provider on loopback: discovery, tokens and userinfo over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt

CLIENT, SECRET = "hermes", "a secret between two servers, long enough"


class IdentityProvider:
    """`claims` is who signs in next. `asked` holds the forms that came to the token endpoint."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.asked: list[dict[str, list[str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _token(self, form: str) -> dict[str, Any]:
        self.asked.append(parse_qs(form))
        facts = {**self.claims, "iss": self.issuer, "aud": CLIENT, "iat": time.time(), "exp": time.time() + 60}
        return {"access_token": "once", "token_type": "Bearer", "id_token": jwt.encode(facts, SECRET)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.claims if self.path == "/userinfo" else provider._discovery())

            def do_POST(self) -> None:
                self._answer(provider._token(self.rfile.read(int(self.headers["Content-Length"])).decode()))

            def _answer(self, facts: dict[str, Any]) -> None:
                body = json.dumps(facts).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                """Say nothing."""

        return Handler
