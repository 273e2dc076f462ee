"""Calling an ASGI app by hand: peers, headers and body chunks as a test likes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

INSIDE = b"came in"
LOCAL = ("127.0.0.1", 5000)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def came_in(self) -> bool:
        return self.body == INSIDE


async def inner_app(scope: Scope, receive: Receive, send: Send) -> None:
    """What the guards protect: reads the body, says that it was reached."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": INSIDE})


def call(
    app: ASGIApp,
    *,
    method: str = "GET",
    path: str = "/v1/models",
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    client: tuple[str, int] | None = LOCAL,
    server: tuple[str, int | None] = ("127.0.0.1", 8001),
    body: Iterable[bytes] = (b"",),
) -> Answer:
    """One request through `app`. The Host is localhost unless `headers` say otherwise."""
    given = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    if not any(name == "host" for name, _ in given):
        given.append(("host", "localhost:8001"))
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given],
        "client": client,
        "server": server,
        "query_string": b"",
    }
    return asyncio.run(_exchange(app, scope, list(body)))


async def _exchange(app: ASGIApp, scope: dict[str, Any], chunks: list[bytes]) -> Answer:
    sent: list[Message] = []

    async def receive() -> Message:
        chunk = chunks.pop(0) if chunks else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
