"""The way that chat and text completions share: a prompt and wishes in, an HTTP answer out. Owner: the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from endpoint.engine.model import LoadedModel
from endpoint.engine.request import GenerationRequest
from endpoint.protocol.replies import Family, ReplyWriter, new_id
from endpoint.protocol.requests import Delivery, Generation
from endpoint.routes.answering import AnswerReader
from endpoint.routes.replying import EventReply, reply_whole
from endpoint.routes.services import Services
from endpoint.text.prompt import Prompt

LARGE_BODY = 256 * 1024
"""Bytes from which a body is parsed on a worker thread, so that the loop goes on serving."""

Parsed = TypeVar("Parsed")


async def read_request(request: Request, read: Callable[[bytes], Parsed]) -> Parsed:
    """The body through `read`. Raises InvalidRequest, BodyTooLarge."""
    body = await request.body()
    return read(body) if len(body) < LARGE_BODY else await asyncio.to_thread(read, body)


def choose_timeout(wished_s: float | None, limit_s: float) -> float | None:
    """The smaller of the request's and the endpoint's (0: none), in seconds; None for neither."""
    return min((seconds for seconds in (wished_s, limit_s or None) if seconds is not None), default=None)


async def generate(
    services: Services,
    request: Request,
    model: LoadedModel,
    prompt: Prompt,
    wishes: tuple[Family, Generation, Delivery],
    answer: AnswerReader,
) -> Response:
    """Queue the generation and answer as wished. Raises Overloaded, Unavailable, DeadlineExceeded, GenerationFailed."""
    family, generation, delivery = wishes
    stream = services.engine.submit(
        GenerationRequest(
            prompt.tokens,
            prompt.limit(generation.max_tokens),
            generation.sampling,
            generation.stop,
            timeout_s=choose_timeout(generation.timeout_s, services.settings.request_timeout_s),
            checkpoints=prompt.boundaries,
            shown=prompt.reading.shown if prompt.reading is not None else {},
        )
    )
    writer = ReplyWriter(
        family=family,
        id=new_id(family),
        created=int(time.time()),
        model=model.info.id,
        fingerprint=services.fingerprint(model),
        include_usage=delivery.stream and delivery.include_usage,
    )
    if delivery.stream:
        return EventReply(stream, writer, answer, services.settings.keep_alive_s)
    return await reply_whole(request, stream, writer, answer)
