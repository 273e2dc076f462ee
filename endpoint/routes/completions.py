"""POST /v1/completions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.replies import Family
from endpoint.routes.documents import COMPLETION
from endpoint.routes.generating import Work, generate, read_request, write_reply
from endpoint.routes.services import Services


def completions_router(services: Services) -> APIRouter:
    """The text family's routes."""
    router = APIRouter(tags=["completions"])

    @router.post(
        "/v1/completions", summary="Go on from a text", openapi_extra=COMPLETION.extra, responses=COMPLETION.responses
    )
    async def create_completion(request: Request) -> Response:
        services.engine.model()  # while loading, say so before anything else
        wish = await read_request(request, read_completion_request)
        model = services.pick_model(wish.model)
        if isinstance(wish.prompt, str):
            prompt = await services.prompts.write_text(model, wish.prompt)
        else:
            prompt = services.prompts.take_tokens(model, wish.prompt)
        reply = write_reply(services, model, Family.TEXT, wish.delivery)
        work = Work(model, prompt, wish.generation)
        return await generate(services, request, work, reply, streaming=wish.delivery.stream)

    return router
