"""Asks for the API key: of callers from other machines when the bind is wide, of everyone when the settings say so.

A caller is on this machine when its address is a loopback one or the very address it reached us at. Proxy headers are
not read here; uvicorn believes those of a proxy on this machine, so that its callers count as what they are.
Pure ASGI, on the event loop.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from endpoint.addresses import is_loopback
from endpoint.contract import API_KEY_FILE
from endpoint.errors import KeyRequired
from endpoint.guards.answers import error_response
from endpoint.guards.host_names import parse_address
from endpoint.settings import Settings

_WHERE = f"It is in the file {API_KEY_FILE} of the endpoint's config directory, unless it was given at the start."
_REFUSAL = "key_refusal"
HEALTH_PATHS = frozenset({"/health"})


class KeyGuard:
    """401 unless the caller shows the key, or needs none. `open_paths` let everyone in: they tell all callers the same,
    or look at `find_refusal` first."""

    def __init__(self, app: ASGIApp, settings: Settings, open_paths: frozenset[str] = HEALTH_PATHS) -> None:
        self._app = app
        self._open_paths = open_paths
        self._key = settings.api_key
        self._of_all = settings.require_key
        self._of_others = not is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check an HTTP request; pass everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._check(Headers(scope=scope)) if self._asks(scope) else None
        if refusal is None or scope["path"] in self._open_paths:
            scope.setdefault("state", {})[_REFUSAL] = refusal
            await self._app(scope, receive, send)
        else:
            await error_response(KeyRequired(refusal), scope)(scope, receive, send)

    def _asks(self, scope: Scope) -> bool:
        return self._of_all or (self._of_others and not is_local_caller(scope))

    def _check(self, headers: Headers) -> str | None:
        """Why the caller can't come in; None when it can."""
        if not self._key:
            return "This endpoint asks for an API key but has none, so it lets nobody in. Start it with an API key."
        shown = _shown_key(headers)
        if not shown:
            return f"No API key. Send it as 'Authorization: Bearer KEY'. {_WHERE}"
        if not secrets.compare_digest(shown.encode(), self._key.encode()):
            return f"Wrong API key. {_WHERE}"
        return None


def find_refusal(scope: Scope) -> KeyRequired | None:
    """What the guard would have answered, had the path not been open; None for a caller that may know everything."""
    refusal = scope.get("state", {}).get(_REFUSAL, _WHERE)  # no guard, no admission
    return None if refusal is None else KeyRequired(refusal)


def is_local_caller(scope: Scope) -> bool:
    """Whether the connection comes from this machine. Unix sockets have no address, and do."""
    if scope.get("client") is None:
        return True
    caller = parse_address(scope["client"][0])
    if caller is None:
        return False
    here = parse_address(scope["server"][0]) if scope.get("server") else None
    return caller.is_loopback or caller == here


def _shown_key(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else headers.get("x-api-key", "").strip()
