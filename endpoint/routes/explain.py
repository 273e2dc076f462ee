"""/acore/prompt_cache/explain and /recent: why a request had to compute what it did (docs/prompt-cache.md)."""

from __future__ import annotations

import asyncio
import re

from fastapi import APIRouter, Request, Response

from endpoint.errors import InvalidRequest, PromptCacheRefused
from endpoint.explain.explaining import explain
from endpoint.protocol.acore.explained import write_explanation, write_line
from endpoint.routes.documents import EXPLANATION, RECENT, get_and_head
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services

USUAL = 20


def explain_router(services: Services) -> APIRouter:
    """Both routes."""
    router = APIRouter(prefix="/acore/prompt_cache", tags=["prompt cache"])

    @get_and_head(router, "/explain", "Why a request reused what it did", EXPLANATION)
    async def explain_request(request: Request) -> Response:
        number = request.query_params.get("request_id", "").strip()
        if not number:
            raise InvalidRequest("request_id is required: the id of an answer, or its x-request-id.", "request_id")
        _check_on(services)
        record = services.records.find(number)
        if record is None:
            raise PromptCacheRefused(
                f"No generation {number!r} is remembered: GET /acore/prompt_cache/recent lists those that are.",
                "prompt_cache_unknown_request",
                404,
                "request_id",
            )
        others = services.records.recent(len(services.records))
        return JsonReply(write_explanation(await asyncio.to_thread(explain, record, others)))

    @get_and_head(router, "/recent", "What the last requests reused", RECENT)
    async def list_recent(request: Request) -> Response:
        _check_on(services)
        text = request.query_params.get("limit", str(USUAL))
        if not re.fullmatch("[0-9]{1,9}", text) or not int(text):
            raise InvalidRequest(f"limit must be a whole number from 1 up, got {text[:20]!r}.", "limit")
        return JsonReply({"requests": [write_line(record) for record in services.records.recent(int(text))]})

    return router


def _check_on(services: Services) -> None:
    if not services.records.is_on:
        raise PromptCacheRefused(
            "Nothing is remembered here: the endpoint was started with --no-explain.", "prompt_cache_unsupported", 501
        )
