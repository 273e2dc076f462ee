"""Refuses requests whose Host header is not ours: a web page that points its own name at 127.0.0.1 (DNS rebinding)
sends that name. Pure ASGI, on the event loop."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from endpoint.addresses import is_loopback
from endpoint.errors import AccessDenied
from endpoint.guards.answers import error_response
from endpoint.guards.host_names import own_names, parse_address, split_port
from endpoint.settings import Settings


class HostGuard:
    """403 unless Host is a loopback name, on a wider bind any IP literal or this machine's name, or allowed."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._wide = not is_loopback(settings.host)
        self._names = {split_port(name) for name in (settings.host, *settings.allowed_hosts)}
        self._names |= own_names() if self._wide else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check an HTTP request; pass everything else on."""
        if scope["type"] != "http" or self._allows(Headers(scope=scope).getlist("host")):
            await self._app(scope, receive, send)
            return
        host = ", ".join(Headers(scope=scope).getlist("host"))[:200]
        message = f"The Host {host!r} is not allowed here. Start the endpoint with --allowed-host to allow it."
        await error_response(AccessDenied(message), scope)(scope, receive, send)

    def _allows(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        host = split_port(hosts[0])
        if host in self._names or "*" in self._names:
            return bool(host)
        return is_loopback(host) or (self._wide and parse_address(host) is not None)
