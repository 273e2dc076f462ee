"""From an answer's pieces to an HTTP answer, whole or as events, and no further than the client stays.

Owner: the event loop.
Invariant: whatever happens (end, failure, hang-up, cancellation), the answer is closed, so the engine stops on it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from endpoint.errors import RequestError
from endpoint.protocol import sse
from endpoint.protocol.reply import Choice, Reply, Written
from endpoint.providers.base import TokenLogprobs
from endpoint.routes.answering import AnswerReader
from endpoint.segments import Segment

Result = TypeVar("Result")

CLIENT_GONE = 499
"""nginx's status for a client that hung up. Nobody reads it."""


class JsonReply(Response):
    """A body as JSON, by orjson."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Encode."""
        return orjson.dumps(content)


class EventReply(Response):
    """An answer as server-sent events, with a comment whenever `keep_alive_s` seconds went by without one."""

    media_type = sse.MEDIA_TYPE

    def __init__(self, answer: AnswerReader, reply: Reply, keep_alive_s: float) -> None:
        super().__init__(headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._answer = answer
        self._frames = _write_events(answer, reply, keep_alive_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the last one, or until the client hangs up."""
        del scope
        try:
            await _unless_gone(receive, self._send_all(send))
        finally:
            self._answer.close()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for frames in self._frames:
            await send({"type": "http.response.body", "body": frames, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def reply_whole(request: Request, answer: AnswerReader, reply: Reply) -> Response:
    """Collect the answer and send it at once. Raises the stream's own error."""
    try:
        body = await _unless_gone(request.receive, _collect(answer, reply))
    finally:
        answer.close()
    return JsonReply(body) if body is not None else Response(status_code=CLIENT_GONE)


async def _collect(answer: AnswerReader, reply: Reply) -> dict[str, object]:
    segments: list[Segment] = []
    logprobs: list[TokenLogprobs] = []
    while True:
        step = await answer.next()
        if step is None:
            continue
        segments += step.written.segments
        logprobs += step.written.logprobs
        if step.ending is not None:
            return reply.whole([Choice(Written(segments, logprobs), step.ending)])


async def _write_events(answer: AnswerReader, reply: Reply, keep_alive_s: float) -> AsyncIterator[bytes]:
    first = reply.opening()
    if first:
        yield first
    last_sent = time.monotonic()
    while True:
        try:
            step = await answer.next(keep_alive_s)
        except RequestError as error:
            yield reply.fail(error)
            return
        frames = b"" if step is None else reply.write(0, step.written)
        if step is not None and step.ending is not None:
            yield frames + reply.end(0, step.ending) + reply.close([step.ending])
            return
        if not frames and (step is None or time.monotonic() - last_sent > keep_alive_s):
            frames = sse.KEEP_ALIVE  # nothing comes, or nothing that can be shown yet
        if frames:
            yield frames
            last_sent = time.monotonic()


async def _unless_gone(receive: Receive, work: Coroutine[object, object, Result]) -> Result | None:
    """The work's result; None when the client hung up first, and then the work is cancelled."""
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_wait_for_hang_up(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        await _cancel(working, watching)


async def _wait_for_hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen: the result was taken already, or isn't wanted any more
