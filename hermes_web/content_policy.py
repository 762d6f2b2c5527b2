"""Content-Security-Policy: the site's own, and a looser one where other people's pages are used (docs/adr/0006)."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

# Unfold's Alpine evaluates attribute expressions and sets inline styles. No member's text is shown there.
OPERATOR = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": None,
    "trusted-types": None,
}


class ContentPolicyMiddleware(CSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/operator/"):
            response._csp_replace = OPERATOR  # type: ignore[attr-defined]
        return super().process_response(request, response)
