"""/v1/responses: answers made of items, and those that are kept. Owner: the event loop."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response

from endpoint.engine.model import LoadedModel
from endpoint.errors import InvalidRequest, ResponseNotFound
from endpoint.protocol.reply import Body
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.responses.body import ResponsesBody
from endpoint.protocol.responses.items import Item, read_items
from endpoint.protocol.responses.listing import list_items, read_page
from endpoint.protocol.responses.output import OutputWriter
from endpoint.protocol.responses.reply import ResponsesReply
from endpoint.protocol.responses.request import read_responses_request, read_tools, write_chat_request
from endpoint.protocol.responses.resource import start_response
from endpoint.protocol.responses.tools import Toolbox
from endpoint.routes.documents import DELETED_RESPONSE, KEPT_RESPONSE, RESPONSE, RESPONSE_ITEMS, get_and_head
from endpoint.routes.generating import Work, generate, prepare_chat, read_request
from endpoint.routes.replying import JsonReply
from endpoint.routes.response_store import Kept, ResponseStore
from endpoint.routes.services import Services

_ONE = "/v1/responses/{response_id}"
_SEALED = "reasoning.encrypted_content"


def responses_router(services: Services) -> APIRouter:
    """The Responses family's routes, over a store of their own."""
    router = APIRouter(tags=["responses"])
    store = ResponseStore()
    _add_creation(router, services, store)
    _add_kept(router, store)
    return router


def _add_creation(router: APIRouter, services: Services, store: ResponseStore) -> None:
    @router.post(
        "/v1/responses", summary="Answer with items", openapi_extra=RESPONSE.extra, responses=RESPONSE.responses
    )
    async def create_response(request: Request) -> Response:
        defaults = services.find_defaults(services.engine.model())  # while loading, this says so before all else
        wire = await read_request(request, read_responses_request)
        model = services.pick_model(wire.model)
        toolbox = read_tools(wire)
        given = read_items(wire.input or (), store.find_item)
        items = [*_recall(store, wire.previous_response_id), *given]
        chat = write_chat_request(wire, toolbox, items, defaults)
        work = await _prepare(services, model, chat)
        started = start_response(wire, toolbox, chat.generation.sampling, model.info.id, int(time.time()))
        reply = _make_reply(wire, toolbox, started, store, given)
        return await generate(services, request, work, reply, streaming=chat.delivery.stream)


def _recall(store: ResponseStore, previous: str | None) -> list[Item]:
    """The conversation so far. Raises InvalidRequest."""
    if previous is None:
        return []
    trace = store.trace(previous)
    if trace is None:
        raise InvalidRequest(
            f"The response {previous!r}, or one that it goes on from, is not kept here: the store is bounded, and "
            "empty after a restart. Send the whole conversation as `input`.",
            "previous_response_id",
            "previous_response_not_found",
        )
    return _join(trace)


def _join(trace: list[Kept]) -> list[Item]:
    return [item for kept in trace for item in kept.items()]


async def _prepare(services: Services, model: LoadedModel, chat: ChatRequest) -> Work:
    try:
        return await prepare_chat(services, model, chat)
    except InvalidRequest as error:
        if error.param == "messages":  # that is its name in chat
            error.param = "input"
        raise


def _make_reply(
    wire: ResponsesBody, toolbox: Toolbox, started: Body, store: ResponseStore, given: list[Item]
) -> ResponsesReply:
    def keep(response: Body) -> None:
        if wire.store is not False:
            store.put(response, given, wire.previous_response_id)

    output = OutputWriter(toolbox.callees, seals=_SEALED in (wire.include or ()))
    return ResponsesReply(started, output, keep, time.time)


def _add_kept(router: APIRouter, store: ResponseStore) -> None:
    @get_and_head(router, _ONE, "Show a kept response", KEPT_RESPONSE)
    async def retrieve_response(request: Request, response_id: str) -> Response:
        kept = _find(store, response_id)
        if request.query_params.get("stream", "false").lower() not in {"false", "0"}:
            raise InvalidRequest("A kept response can't be streamed again; leave stream out.", "stream")
        return JsonReply(kept.response)

    @router.delete(_ONE, summary="Forget a kept response", responses=DELETED_RESPONSE.responses)
    async def delete_response(response_id: str) -> Response:
        if not store.delete(response_id):
            raise ResponseNotFound(response_id)
        return JsonReply({"id": response_id, "object": "response", "deleted": True})

    @get_and_head(router, f"{_ONE}/input_items", "List what a kept response answered", RESPONSE_ITEMS)
    async def list_input_items(request: Request, response_id: str) -> Response:
        page = read_page(request.query_params)
        kept = _find(store, response_id)
        items = [*_recall(store, kept.previous), *kept.input]
        return JsonReply(list_items(items, page))

    @router.post(f"{_ONE}/cancel", include_in_schema=False)
    async def cancel_response(response_id: str) -> Response:
        _find(store, response_id)
        raise InvalidRequest(
            "Only responses made with background: true can be cancelled, and there are none here. "
            "Close the connection to stop a response that is being written."
        )


def _find(store: ResponseStore, response_id: str) -> Kept:
    kept = store.get(response_id)
    if kept is None:
        raise ResponseNotFound(response_id)
    return kept
