"""From a generation's stream to an HTTP answer, whole or as events, and no further than the client stays.

Owner: the event loop.
Invariant: whatever happens (end, failure, hang-up, cancellation), the stream is closed, so the engine stops on it.
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

from endpoint.engine.stream import Delta, Failure, Finish, Stream
from endpoint.protocol import sse
from endpoint.protocol.errors import error_body
from endpoint.protocol.replies import ReplyWriter
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
    """A generation as server-sent events, with a comment whenever `keep_alive_s` seconds went by without one."""

    media_type = sse.MEDIA_TYPE

    def __init__(self, stream: Stream, writer: ReplyWriter, answer: AnswerReader, keep_alive_s: float) -> None:
        super().__init__(headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._stream = stream
        self._frames = _write_events(stream, writer, answer, keep_alive_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the last one, or until the client hangs up."""
        del scope
        try:
            await _unless_gone(receive, self._send_all(send))
        finally:
            self._stream.close()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for frames in self._frames:
            await send({"type": "http.response.body", "body": frames, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def reply_whole(request: Request, stream: Stream, writer: ReplyWriter, answer: AnswerReader) -> Response:
    """Collect the text and answer once. Raises the stream's own error."""
    try:
        body = await _unless_gone(request.receive, _collect(stream, writer, answer))
    finally:
        stream.close()
    return JsonReply(body) if body is not None else Response(status_code=CLIENT_GONE)


async def _collect(stream: Stream, writer: ReplyWriter, answer: AnswerReader) -> dict[str, object]:
    segments: list[Segment] = []
    while True:
        match await stream.next():
            case Delta(text):
                segments += answer.feed(text)
            case Finish(reason, usage):
                return writer.whole(segments + answer.finish(), answer.end(reason, usage))
            case Failure(error):
                raise error


async def _write_events(
    stream: Stream, writer: ReplyWriter, answer: AnswerReader, keep_alive_s: float
) -> AsyncIterator[bytes]:
    first = b"".join(map(sse.frame, writer.first_chunks()))
    if first:
        yield first
    last_sent = time.monotonic()
    while True:
        frames = b""
        match await stream.next(keep_alive_s):
            case None:
                frames = sse.KEEP_ALIVE
            case Delta(text):
                frames = _frame(writer, answer.feed(text))
            case Finish(reason, usage):
                rest = _frame(writer, answer.finish())
                yield rest + b"".join(map(sse.frame, writer.last_chunks(answer.end(reason, usage)))) + sse.DONE
                return
            case Failure(error):
                yield sse.frame(error_body(error)) + sse.DONE
                return
        if not frames and time.monotonic() - last_sent > keep_alive_s:
            frames = sse.KEEP_ALIVE  # the model writes, but nothing that can be shown yet
        if frames:
            yield frames
            last_sent = time.monotonic()


def _frame(writer: ReplyWriter, segments: list[Segment]) -> bytes:
    chunks = map(writer.chunk, segments)
    return b"".join(sse.frame(chunk) for chunk in chunks if chunk is not None)


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
