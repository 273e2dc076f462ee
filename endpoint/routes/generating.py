"""The way that all API families share: a prompt and wishes in, an HTTP answer out. Owner: the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from endpoint.engine.model import LoadedModel
from endpoint.engine.request import GenerationRequest
from endpoint.protocol.replies import CompletionReply, Family, new_id
from endpoint.protocol.reply import Reply
from endpoint.protocol.requests import ChatRequest, Delivery, Generation
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


@dataclass(frozen=True, slots=True)
class Work:
    """What to generate: `several_calls` says whether an answer may hold more than one."""

    model: LoadedModel
    prompt: Prompt
    generation: Generation
    several_calls: bool = True


async def prepare_chat(services: Services, model: LoadedModel, chat: ChatRequest) -> Work:
    """Render a conversation. Raises InvalidRequest, ContextLengthExceeded, TemplateFailed."""
    prompt = await services.prompts.write_chat(model, chat.messages, chat.template_variables, chat.tools)
    return Work(model, prompt, chat.generation, chat.parallel_calls)


async def generate(services: Services, request: Request, work: Work, reply: Reply, *, streaming: bool) -> Response:
    """Queue the generation and answer by `reply`. Raises Overloaded, Unavailable, DeadlineExceeded, GenerationFailed;
    of a streamed answer only the first two."""
    prompt, generation = work.prompt, work.generation
    stream = services.engine.submit(
        GenerationRequest(
            prompt.tokens,
            prompt.limit(generation.max_tokens),
            generation.sampling,
            generation.stop,
            timeout_s=choose_timeout(generation.timeout_s, services.settings.request_timeout_s),
            checkpoints=prompt.boundaries,
            shown=prompt.reading.shown if prompt.reading is not None else {},
            logprobs=generation.logprobs,
        )
    )
    answer = AnswerReader(prompt.reading, stream, several_calls=work.several_calls)
    if streaming:
        return EventReply(answer, reply, services.settings.keep_alive_s)
    return await reply_whole(request, answer, reply)


def write_reply(services: Services, model: LoadedModel, family: Family, delivery: Delivery) -> CompletionReply:
    """A new reply of one of OpenAI's completion families."""
    return CompletionReply(
        family=family,
        id=new_id(family),
        created=int(time.time()),
        model=model.info.id,
        fingerprint=services.fingerprint(model),
        include_usage=delivery.stream and delivery.include_usage,
    )
