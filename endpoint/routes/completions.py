"""POST /v1/completions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import InvalidRequest
from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.logprobs import find_echo
from endpoint.protocol.replies import Family
from endpoint.protocol.requests import CompletionRequest
from endpoint.routes.documents import COMPLETION
from endpoint.routes.generating import Work, generate_all, read_request, write_reply
from endpoint.routes.services import Services
from endpoint.text.constraints.compiler import Wish
from endpoint.text.prompt import PromptWriter


def completions_router(services: Services) -> APIRouter:
    """The text family's routes."""
    router = APIRouter(tags=["completions"])

    @router.post(
        "/v1/completions", summary="Go on from a text", openapi_extra=COMPLETION.extra, responses=COMPLETION.responses
    )
    async def create_completion(request: Request) -> Response:
        defaults = services.find_defaults(services.engine.model())  # while loading, this says so before all else
        wish = await read_request(request, partial(read_completion_request, defaults=defaults))
        model = services.pick_model(wish.model)
        constraint = await services.constraints.compile(model, Wish(wish.generation.output))
        prepared = [await _prepare(services.prompts, model, wish, prompt) for prompt in wish.prompts]
        works = [replace(work, make_constraint=constraint) for work in prepared]
        echoes = [work.echo for work in works if work.echo is not None]
        reply = write_reply(services, model, Family.TEXT, wish.delivery, wish.generation, echoes, len(works))
        return await generate_all(services, request, works, reply, streaming=wish.delivery.stream)

    return router


async def _prepare(
    prompts: PromptWriter, model: LoadedModel, wish: CompletionRequest, wished: str | tuple[int, ...]
) -> Work:
    if wish.suffix is not None:
        if not isinstance(wished, str):
            raise InvalidRequest("suffix needs a prompt that is text.", "suffix")
        return Work(model, await prompts.write_gap(model, wished, wish.suffix), wish.generation)
    if isinstance(wished, str):
        prompt = await prompts.write_text(model, wished)
    else:
        prompt = prompts.take_tokens(model, wished)
    echo = find_echo(model.tokenizer, wished, prompt.tokens) if wish.echo else None
    return Work(model, prompt, wish.generation, echo=echo)
