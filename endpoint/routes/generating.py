"""The way that all API families share: a prompt and wishes in, an HTTP answer out. Owner: the event loop."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from endpoint.engine.model import LoadedModel
from endpoint.engine.request import GenerationRequest
from endpoint.errors import InvalidRequest, RequestError
from endpoint.keycontent import KeyContent
from endpoint.protocol.logprobs import ChatLogprobs, Echo, LogprobWriter, TextLogprobs
from endpoint.protocol.replies import CompletionReply, Family, new_id
from endpoint.protocol.reply import Reply
from endpoint.protocol.requests import ChatRequest, Delivery, Generation
from endpoint.providers.base import Sampling
from endpoint.providers.constraint import MakeConstraint
from endpoint.routes.answering import AnswerReader
from endpoint.routes.choices import Choices
from endpoint.routes.noting import make_teller
from endpoint.routes.remembering import recall, remember_answer, wish_key
from endpoint.routes.replying import EventReply, reply_whole
from endpoint.routes.services import Services
from endpoint.text.constraints.compiler import Wish
from endpoint.text.constraints.thinking_limit import limit_thinking
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
    """What to generate: `several_calls` says whether an answer may hold more than one. `echo`: the prompt as text, when
    it comes before the answer; then its log-probabilities are told like the answer's. `make_constraint`: what the
    answer must look like, if it must. `asked`: the conversation that the prompt renders; `turn`: what of it the request
    itself brought."""

    model: LoadedModel
    prompt: Prompt
    generation: Generation
    several_calls: bool = True
    echo: Echo | None = None
    make_constraint: MakeConstraint | None = None
    asked: KeyContent | None = None
    turn: KeyContent | None = None


async def prepare_chat(services: Services, model: LoadedModel, chat: ChatRequest) -> Work:
    """Render a conversation. Raises InvalidRequest, ContextLengthExceeded, TemplateFailed."""
    turn = KeyContent(chat.messages, chat.tools, chat.template_variables)
    asked = await recall(services, chat, turn)
    prompt = await services.prompts.write_chat(
        model, asked.messages, asked.variables, asked.tools, continue_last=chat.continue_last
    )
    tools = {tool.name: tool.parameters for tool in asked.tools}
    wish = Wish(chat.generation.output, chat.tool_choice, prompt.reading, tools, chat.parallel_calls)
    constraint = await services.constraints.compile(model, wish)
    constraint = limit_thinking(constraint, chat.thinking_budget, prompt.reading, model)
    return Work(model, prompt, chat.generation, chat.parallel_calls, make_constraint=constraint, asked=asked, turn=turn)


async def generate(services: Services, request: Request, work: Work, reply: Reply, *, streaming: bool) -> Response:
    """Queue the generation and answer by `reply`. Raises Overloaded, Unavailable, InvalidRequest, DeadlineExceeded,
    GenerationFailed; of a streamed answer only the first three."""
    return await generate_all(services, request, [work], reply, streaming=streaming)


async def generate_all(
    services: Services, request: Request, works: Sequence[Work], reply: Reply, *, streaming: bool
) -> Response:
    """As `generate`, for several prompts: the choices of the first come first."""
    answers = Choices(_submit_all(services, works))
    tell = make_teller(services, request, reply.id, works[0].model, works[0].asked)
    if streaming:
        return EventReply(answers, reply, services.settings.keep_alive_s, tell)
    return await reply_whole(request, answers, reply, tell)


def _submit_all(services: Services, works: Sequence[Work]) -> list[AnswerReader]:
    for work in works:
        check_bias(work.generation.sampling.logit_bias, work.model.info.n_vocab)
    answers: list[AnswerReader] = []
    try:
        for work in works:
            for choice in range(work.generation.choices):
                answers.append(_submit(services, work, choice))  # noqa: PERF401 - what is in it must be closed on failure
    except RequestError:  # the queue is full: those that are in it already have no reader
        for answer in answers:
            answer.close()
        raise
    return answers


def _submit(services: Services, work: Work, choice: int) -> AnswerReader:
    prompt, generation = work.prompt, work.generation
    stream = services.engine.submit(
        GenerationRequest(
            prompt.tokens,
            prompt.limit(generation.max_tokens),
            _seed_choice(generation.sampling, choice),
            generation.stop,
            timeout_s=choose_timeout(generation.timeout_s, services.settings.request_timeout_s),
            checkpoints=prompt.boundaries,
            shown=prompt.reading.shown if prompt.reading is not None else {},
            make_constraint=work.make_constraint,
            logprobs=generation.logprobs,
            scores_prompt=work.echo is not None and generation.logprobs is not None,
            key=wish_key(generation.cache, work.asked) if choice == 0 else None,
        )
    )
    opening = "" if work.echo is None else work.echo.text
    remember = remember_answer(services, generation.cache, work.turn) if choice == 0 else None
    return AnswerReader(prompt.reading, stream, several_calls=work.several_calls, opening=opening, remember=remember)


def _seed_choice(sampling: Sampling, choice: int) -> Sampling:
    """A seed of its own for each choice, or they would all be the same."""
    return sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + choice)


def check_bias(bias: Sequence[tuple[int, float]], n_vocab: int) -> None:
    """Raise InvalidRequest for a token that the model doesn't have, or when none is left."""
    for token, _ in bias:
        if token >= n_vocab:
            raise InvalidRequest(f"logit_bias names token {token}; this model's are 0 to {n_vocab - 1}.", "logit_bias")
    if sum(each == -math.inf for _, each in bias) >= n_vocab:
        raise InvalidRequest("logit_bias forbids every token of this model.", "logit_bias")


def write_reply(
    services: Services,
    model: LoadedModel,
    family: Family,
    delivery: Delivery,
    generation: Generation,
    echoes: Sequence[Echo] = (),
    prompts: int = 1,
) -> CompletionReply:
    """A new reply of one of OpenAI's completion families, to so many `prompts`; `echoes`: these, when repeated."""
    logprobs: LogprobWriter | None = None
    if generation.logprobs is not None:
        chat = family is Family.CHAT
        logprobs = ChatLogprobs(model.tokenizer) if chat else TextLogprobs(model.tokenizer, echoes, generation.choices)
    return CompletionReply(
        family=family,
        id=new_id(family),
        created=int(time.time()),
        model=model.info.id,
        fingerprint=services.fingerprint(model),
        include_usage=delivery.stream and delivery.include_usage,
        choices=prompts * generation.choices,
        each=generation.choices,
        logprobs=logprobs,
    )
