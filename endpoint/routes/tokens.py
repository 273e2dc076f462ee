"""POST /tokenize and POST /detokenize."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import InputTooLong
from endpoint.protocol.token_replies import write_count, write_short, write_text
from endpoint.protocol.token_requests import TokenizeWish, read_detokenize_request, read_tokenize_request
from endpoint.routes.documents import DETOKENIZE, TOKENIZE
from endpoint.routes.generating import prepare_chat, read_request
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services
from endpoint.text.inputs import check_tokens

LONGEST = 16 * 1024 * 1024
"""Characters of a text: what takes about ten seconds."""


def tokens_router(services: Services) -> APIRouter:
    """The tokenizer's routes."""
    router = APIRouter(tags=["tokens"])

    @router.post(
        "/tokenize",
        summary="Turn a text or a conversation into tokens",
        openapi_extra=TOKENIZE.extra,
        responses=TOKENIZE.responses,
    )
    async def tokenize(request: Request) -> Response:
        services.engine.model()  # while loading, say so before anything else
        wish = await read_request(request, read_tokenize_request)
        model = services.find_model(wish.model)
        tokens = await _encode(services, model, wish)
        written = model.tokenizer.written if wish.with_pieces else None
        if wish.is_short:
            return await asyncio.to_thread(lambda: JsonReply(write_short(tokens, written)))
        return await asyncio.to_thread(lambda: JsonReply(write_count(tokens, model.info.n_ctx, written)))

    @router.post(
        "/detokenize",
        summary="Turn tokens into text",
        openapi_extra=DETOKENIZE.extra,
        responses=DETOKENIZE.responses,
    )
    async def detokenize(request: Request) -> Response:
        services.engine.model()
        wish = await read_request(request, read_detokenize_request)
        model = services.find_model(wish.model)
        check_tokens(model, wish.tokens, "tokens")
        return await asyncio.to_thread(lambda: JsonReply(write_text(wish.tokens, model.tokenizer.written)))

    return router


async def _encode(services: Services, model: LoadedModel, wish: TokenizeWish) -> tuple[int, ...]:
    """Raises what `prepare_chat` does, and InputTooLong for a text that would take too long."""
    if not isinstance(wish.given, str):
        return (await prepare_chat(services, model, wish.given)).prompt.tokens
    text = wish.given
    if len(text) > LONGEST:
        raise InputTooLong(len(text), LONGEST, "content" if wish.is_short else "prompt", unit="characters")
    return tuple(await asyncio.to_thread(model.tokenizer.encode_whole, text, marks=wish.marks))
