"""POST /v1/completions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.replies import Family
from endpoint.routes.answering import AnswerReader
from endpoint.routes.documents import COMPLETION
from endpoint.routes.generating import generate, read_request
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
        answer = AnswerReader(None, model.tokenizer)
        return await generate(services, request, model, prompt, (Family.TEXT, wish.generation, wish.delivery), answer)

    return router
