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
from endpoint.protocol.reply import Choice, Ending, Reply, Written
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.routes.answering import Step
from endpoint.routes.choices import Choices
from endpoint.routes.noting import Tell
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

    def __init__(self, answer: Choices, reply: Reply, keep_alive_s: float, tell: Tell) -> None:
        super().__init__(headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._answer = answer
        self._tell = tell
        self._keep_alive_s = keep_alive_s
        self._frames = _write_events(answer, reply, keep_alive_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the last one, or until the client hangs up."""
        del scope
        try:
            await unless_gone(receive, self._send_all(send))
        finally:
            self._answer.close()

    async def _send_all(self, send: Send) -> None:
        """The headers wait until it is known what was reused, but no longer than a keep-alive would come."""
        report = await self._answer.report(self._keep_alive_s)
        if report is not None:
            self.headers.update(self._tell(report))
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for frames in self._frames:
            await send({"type": "http.response.body", "body": frames, "more_body": True})
        late = await self._answer.report(0) if report is None else None
        if late is not None:
            self._tell(late)  # before the end is sent: a client may ask for it right then
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def reply_whole(request: Request, answer: Choices, reply: Reply, tell: Tell) -> Response:
    """Collect the answer and send it at once. Raises the stream's own error."""
    try:
        body = await unless_gone(request.receive, _collect(answer, reply))
    finally:
        report = await answer.report(0)
        headers = {} if report is None else tell(report)
        answer.close()
    return JsonReply(body, headers=headers) if body is not None else Response(status_code=CLIENT_GONE)


async def _collect(answer: Choices, reply: Reply) -> dict[str, object]:
    segments: list[list[Segment]] = [[] for _ in range(len(answer))]
    logprobs: list[list[TokenLogprobs]] = [[] for _ in range(len(answer))]
    endings: dict[int, Ending] = {}
    while len(endings) < len(answer):
        came = await answer.next()
        if came is None:
            continue
        index, step = came
        segments[index] += step.written.segments
        logprobs[index] += step.written.logprobs
        if step.ending is not None:
            endings[index] = step.ending
    written = map(Written, segments, logprobs)
    return reply.whole([Choice(each, endings[index]) for index, each in enumerate(written)])


async def _write_events(answer: Choices, reply: Reply, keep_alive_s: float) -> AsyncIterator[bytes]:
    first = reply.opening()
    if first:
        yield first
    last_sent = time.monotonic()
    endings: dict[int, Ending] = {}
    while len(endings) < len(answer):
        try:
            came = await answer.next(keep_alive_s)
        except RequestError as error:
            yield reply.fail(error)
            return
        frames = b"" if came is None else _write_step(reply, *came, endings)
        if len(endings) == len(answer):
            frames += reply.close([endings[index] for index in sorted(endings)])
        if not frames and (came is None or time.monotonic() - last_sent > keep_alive_s):
            frames = sse.KEEP_ALIVE  # nothing comes, or nothing that can be shown yet
        if frames:
            yield frames
            last_sent = time.monotonic()


def _write_step(reply: Reply, index: int, step: Step, endings: dict[int, Ending]) -> bytes:
    frames = reply.write(index, step.written)
    if step.ending is None:
        return frames
    endings[index] = step.ending
    return frames + reply.end(index, step.ending)


async def unless_gone(receive: Receive, work: Coroutine[object, object, Result]) -> Result | None:
    """The work's result; None when the client hung up first, and then the work is cancelled. Raises what it raises."""
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
