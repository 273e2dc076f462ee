"""Refuses requests from web pages of other sites, and gives the pages that may ask their CORS headers. Pure ASGI.

Programs send no Origin and pass. Pages served from this machine, and desktop apps built on web views, are allowed.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endpoint.addresses import is_loopback
from endpoint.errors import AccessDenied
from endpoint.guards.answers import error_response
from endpoint.settings import Settings

_APP_SCHEMES = frozenset({"app", "tauri", "vscode-webview", "vscode-file"})
_METHODS = "GET, HEAD, POST, OPTIONS"
_PREFLIGHT_AGE_S = "600"


class OriginGuard:
    """403 unless Origin is absent or allowed; answers preflights; marks answers to allowed origins."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = {origin.lower().rstrip("/") for origin in settings.allowed_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check an HTTP request; pass everything else on."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origins = headers.getlist("origin")
        origin = origins[-1] if origins else None
        if origin is None:
            await self._app(scope, receive, send)
        elif not all(self.allows(one, headers.get("host", "")) for one in origins):
            message = (
                f"The Origin {origin[:200]!r} is not allowed here. Start the endpoint with --allowed-origin for it."
            )
            await error_response(AccessDenied(message), scope)(scope, receive, send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(headers, origin)(scope, receive, send)
        else:
            await self._app(scope, receive, _marking(send, origin))

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may ask; `host` is the request's Host, which was checked before."""
        if origin.lower().rstrip("/") in self._allowed or "*" in self._allowed:
            return True
        try:
            parts = urlsplit(origin)
            name = parts.hostname or ""
        except ValueError:
            return False
        if parts.scheme in _APP_SCHEMES:
            return True
        return parts.scheme in {"http", "https"} and (is_loopback(name) or parts.netloc.lower() == host.lower())


def _preflight(headers: Headers, origin: str) -> Response:
    answer = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": _METHODS,
        "access-control-allow-headers": headers.get("access-control-request-headers", "*"),
        "access-control-max-age": _PREFLIGHT_AGE_S,
        "vary": "Origin",
    }
    if headers.get("access-control-request-private-network") == "true":  # Chrome asks before a page may reach loopback
        answer["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=answer)


def _marking(send: Send, origin: str) -> Send:
    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["access-control-allow-origin"] = origin
            headers["access-control-expose-headers"] = "x-request-id, x-prompt-cache, retry-after"
            headers.add_vary_header("Origin")
        await send(message)

    return send_marked
