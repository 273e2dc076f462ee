"""POST /v1/chat/completions."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from endpoint.protocol.chat_request import read_chat_request
from endpoint.protocol.replies import Family
from endpoint.routes.documents import CHAT
from endpoint.routes.generating import generate, prepare_chat, read_request, write_reply
from endpoint.routes.services import Services


def chat_router(services: Services) -> APIRouter:
    """The chat family's routes."""
    router = APIRouter(tags=["chat"])

    @router.post(
        "/v1/chat/completions", summary="Answer a conversation", openapi_extra=CHAT.extra, responses=CHAT.responses
    )
    async def create_chat_completion(request: Request) -> Response:
        defaults = services.find_defaults(services.engine.model())  # while loading, this says so before all else
        chat = await read_request(request, partial(read_chat_request, defaults=defaults))
        model = services.pick_model(chat.model)
        work = await prepare_chat(services, model, chat)
        reply = write_reply(services, model, Family.CHAT, chat.delivery, chat.generation)
        return await generate(services, request, work, reply, streaming=chat.delivery.stream)

    return router
