"""Knows which requests are inside, and closes the door behind them: what a polite end waits for. Pure ASGI, event loop.

Reading (GET, HEAD, OPTIONS) computes nothing: it is neither counted nor refused, so that /health tells to the end.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from endpoint.errors import Draining
from endpoint.guards.answers import error_response

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Traffic:
    """How many requests are inside, from their first byte to their answer's last, and whether more may come."""

    def __init__(self) -> None:
        self._inside = 0
        self._on_empty: Callable[[], None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nobody comes in any more."""
        return self._on_empty is not None

    def close(self, on_empty: Callable[[], None]) -> None:
        """Let nobody in from now on, and call `on_empty` once nobody is inside: at once, or on the last one's way out.
        Does nothing the second time."""
        if self.is_closed:
            return
        self._on_empty = on_empty
        if not self._inside:
            on_empty()

    def enter(self) -> None:
        """A request comes in. Raises Draining when the door is closed."""
        if self.is_closed:
            raise Draining
        self._inside += 1

    def leave(self) -> None:
        """One is done, or its client has gone."""
        self._inside -= 1
        if self._on_empty is not None and not self._inside:
            self._on_empty()


class TrafficGuard:
    """Counts requests in and out, and answers 503 with Retry-After when no more may come."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count an HTTP request that may compute; pass everything else on."""
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        try:
            self._traffic.enter()
        except Draining as error:
            await error_response(error, scope)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._traffic.leave()
