"""POST /v1/embeddings."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from endpoint.engine.embedding import EmbeddingRequest
from endpoint.errors import InvalidRequest
from endpoint.protocol.embedding_reply import write_embeddings
from endpoint.protocol.embedding_request import EmbeddingWish, read_embedding_request
from endpoint.providers.embedding import EmbeddingTraits, Vector
from endpoint.routes.documents import EMBEDDINGS
from endpoint.routes.generating import choose_timeout, read_request
from endpoint.routes.replying import CLIENT_GONE, JsonReply, unless_gone
from endpoint.routes.services import Services
from endpoint.text.inputs import encode_inputs

SMALL_ANSWER = 65_536
"""Numbers up to which an answer is written on the event loop: some milliseconds."""


def embeddings_router(services: Services) -> APIRouter:
    """The embeddings' route."""
    router = APIRouter(tags=["embeddings"])

    @router.post(
        "/v1/embeddings",
        summary="Turn texts into vectors",
        openapi_extra=EMBEDDINGS.extra,
        responses=EMBEDDINGS.responses,
    )
    async def create_embeddings(request: Request) -> Response:
        services.engine.model()  # while loading, say so before anything else
        wish = await read_request(request, read_embedding_request)
        model = services.find_model(wish.model)
        traits = check_wish(wish, model.embedding)
        inputs = await encode_inputs(model, wish.inputs, traits.longest)
        timeout_s = choose_timeout(wish.timeout_s, services.settings.request_timeout_s)
        pooling = wish.pooling or traits.pooling
        vectors = await _compute(services, request, EmbeddingRequest(inputs, pooling, timeout_s))
        if vectors is None:
            return Response(status_code=CLIENT_GONE)
        tokens = sum(map(len, inputs))
        if len(vectors) * traits.dimensions <= SMALL_ANSWER:
            return JsonReply(write_embeddings(wish, model.info.id, pooling, vectors, tokens))
        return await asyncio.to_thread(
            lambda: JsonReply(write_embeddings(wish, model.info.id, pooling, vectors, tokens))
        )

    return router


def check_wish(wish: EmbeddingWish, traits: EmbeddingTraits | None) -> EmbeddingTraits:
    """The model's embeddings. Raises InvalidRequest where it has none, or fewer dimensions than wished."""
    if traits is None:
        raise InvalidRequest("This model gives no embeddings.", "model")
    if wish.dimensions is not None and wish.dimensions > traits.dimensions:
        raise InvalidRequest(
            f"dimensions must be at most {traits.dimensions} for this model, got {wish.dimensions}.", "dimensions"
        )
    return traits


async def _compute(services: Services, request: Request, wanted: EmbeddingRequest) -> tuple[Vector, ...] | None:
    """The vectors; None when the client hung up first."""
    pending = services.engine.embed(wanted)
    try:
        return await unless_gone(request.receive, pending.wait())
    finally:
        pending.close()
