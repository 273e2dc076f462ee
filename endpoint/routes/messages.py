"""POST /v1/messages and /v1/messages/count_tokens: Anthropic's API."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import ContextLengthExceeded
from endpoint.guards.answers import find_request_id
from endpoint.protocol.anthropic.events import Heading, MessageReply
from endpoint.protocol.anthropic.request import read_message_request, read_token_count_request
from endpoint.protocol.requests import ChatRequest
from endpoint.routes.documents import MESSAGE, TOKEN_COUNT
from endpoint.routes.generating import generate, prepare_chat, read_request
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services


def messages_router(services: Services) -> APIRouter:
    """The routes of Anthropic's API."""
    router = APIRouter(tags=["messages"])

    @router.post(
        "/v1/messages",
        summary="Answer a conversation, as Anthropic's API",
        openapi_extra=MESSAGE.extra,
        responses=MESSAGE.responses,
    )
    async def create_message(request: Request) -> Response:
        defaults = services.find_defaults(services.engine.model())  # while loading, this says so before all else
        chat = await read_request(request, partial(read_message_request, defaults=defaults))
        model = services.pick_model(chat.model)
        work = await prepare_chat(services, model, chat)
        heading = Heading(
            model.info.id, len(work.prompt.tokens), chat.generation.max_tokens, find_request_id(request.scope)
        )
        return await generate(services, request, work, MessageReply(heading), streaming=chat.delivery.stream)

    @router.post(
        "/v1/messages/count_tokens",
        summary="Count a conversation's tokens",
        openapi_extra=TOKEN_COUNT.extra,
        responses=TOKEN_COUNT.responses,
    )
    async def count_tokens(request: Request) -> Response:
        services.engine.model()
        chat = await read_request(request, read_token_count_request)
        model = services.pick_model(chat.model)
        return JsonReply({"input_tokens": await _count(services, model, chat)})

    return router


async def _count(services: Services, model: LoadedModel, chat: ChatRequest) -> int:
    """The prompt's tokens, whether it fits or not. Raises ContextLengthExceeded when it is too long to be counted."""
    try:
        work = await prepare_chat(services, model, chat)
    except ContextLengthExceeded as error:
        if not error.is_exact:
            raise
        return error.prompt_tokens
    return len(work.prompt.tokens)
