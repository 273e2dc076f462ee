"""/acore/prompt_cache: the control plane, in AbstractCore's shapes with true status codes (docs/prompt-cache.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from endpoint.errors import RequestError
from endpoint.protocol.acore import replies
from endpoint.protocol.errors import error_headers
from endpoint.routes.control_plane import ControlPlane
from endpoint.routes.documents import CACHE, get_and_head
from endpoint.routes.replying import CLIENT_GONE, JsonReply
from endpoint.routes.services import Services

PATH = "/acore/prompt_cache"
Operation = Callable[[Request], Awaitable["replies.Body | None"]]


def prompt_cache_router(services: Services) -> APIRouter:
    """All of its routes."""
    plane = ControlPlane(services)
    router = APIRouter(prefix=PATH, tags=["prompt cache"])
    reading: dict[str, tuple[str, Operation]] = {
        "stats": ("Keys, what they stand for, and bytes", plane.tell_stats),
        "capabilities": ("What the control plane can do", plane.tell_capabilities),
        "list": ("Prefixes that were saved by name", plane.list_saved),
    }
    writing: dict[str, tuple[str, Operation]] = {
        "set": ("Make a key, or choose the default one", plane.set),
        "update": ("Append to a key, and compute it", plane.update),
        "fork": ("Let another key stand for the same", plane.fork),
        "clear": ("Forget a key, or everything", plane.clear),
        "prepare_modules": ("Compute a chain of keys", plane.prepare_modules),
        "key_meta": ("Note something with a key", plane.note),
        "save": ("Save a key's prefix under a name", plane.save),
        "load": ("Let a key stand for what was saved under a name", plane.load),
        "delete": ("Delete what was saved under a name", plane.delete),
    }
    for name, (told, work) in reading.items():
        get_and_head(router, f"/{name}", told, CACHE[name])(_answer(plane, name, work))
    for name, (told, work) in writing.items():
        document = CACHE[name]
        mount = router.post(f"/{name}", summary=told, responses=document.responses, openapi_extra=document.extra)
        mount(_answer(plane, name, work))
    return router


def _answer(plane: ControlPlane, operation: str, work: Operation) -> Callable[[Request], Awaitable[Response]]:
    """A handler whose errors are in AbstractCore's shape."""

    async def handle(request: Request) -> Response:
        try:
            body = await work(request)
        except RequestError as error:
            told = replies.write_error(operation, error, plane.capabilities())
            return JsonReply(told, status_code=error.status, headers=error_headers(error))
        return Response(status_code=CLIENT_GONE) if body is None else JsonReply(body)

    return handle
