"""Test hooks, mounted only when the settings ask for them: never in a user's endpoint."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import WireModel
from endpoint.routes.generating import read_request
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services


class WedgeBody(WireModel):
    """How long to hang, in seconds."""

    seconds: Annotated[float, Field(ge=0, le=600)]


def hooks_router(services: Services) -> APIRouter:
    """The hooks' routes."""
    router = APIRouter(include_in_schema=False)

    @router.post("/test/wedge")
    async def wedge_engine(request: Request) -> Response:
        wish = await read_request(request, lambda body: parse_body(body, WedgeBody))
        services.engine.occupy(wish.seconds)
        return JsonReply({"seconds": wish.seconds})

    return router
