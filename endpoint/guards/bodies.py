"""Limits request bodies, by their announced length and by counting what comes. Pure ASGI, on the event loop.

A body that is too long is read and thrown away, up to a point, before the answer: a client that is still
sending often can't read an answer, and would show its user a broken pipe.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endpoint.errors import BodyTooLarge
from endpoint.guards.answers import error_response

_DRAIN_FACTOR = 4
_DRAIN_S = 10.0


class BodyGuard:
    """413 for bodies of more than `limit` bytes."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check an HTTP request; pass everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counted = _CountedReceive(receive, self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self._limit:
            await counted.drain()
            await error_response(counted.error(), scope)(scope, receive, send)
            return
        await self._app(scope, counted, send)


class _CountedReceive:
    """`receive` that raises BodyTooLarge once more than `limit` bytes have come."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self._ended = False

    async def __call__(self) -> Message:
        message = await self._take()
        if self._seen > self._limit:
            await self.drain()
            raise self.error()
        return message

    async def drain(self) -> None:
        """Read on and throw away, until the end, several times the limit, or a while."""
        most = self._limit * _DRAIN_FACTOR
        try:
            async with asyncio.timeout(_DRAIN_S):
                while not self._ended and self._seen < most:
                    await self._take()
        except TimeoutError:
            return

    def error(self) -> BodyTooLarge:
        """What to answer."""
        return BodyTooLarge(f"The body is longer than {self._limit:,} bytes, the most that this endpoint takes.")

    async def _take(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message
