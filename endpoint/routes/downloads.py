"""GET and POST /app/downloads: what the app that started this endpoint tells of its downloads, and wishes to it.

For callers on this machine alone, key or no key: they tell what a person here fetches, and fill this machine's disk.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from endpoint.errors import AccessDenied, InvalidRequest, NoApp
from endpoint.guards.keys import is_local_caller
from endpoint.protocol.downloads import read_download_wish, write_downloads
from endpoint.routes.documents import DOWNLOAD_WISH, DOWNLOADS, get_and_head
from endpoint.routes.generating import read_request
from endpoint.routes.replying import JsonReply
from endpoint.routes.services import Services

PATH = "/app/downloads"
_JSON = "application/json"


def downloads_router(services: Services) -> APIRouter:
    """Both routes."""
    router = APIRouter(tags=["app"])

    @get_and_head(router, PATH, "The app's downloads, and what it offers to download", DOWNLOADS)
    async def show_downloads(request: Request) -> Response:
        _check_caller(request)
        return JsonReply(write_downloads(services.link.downloads() if services.link else None))

    @router.post(
        PATH,
        status_code=202,
        summary="Start, pause, cancel or forget a download",
        openapi_extra=DOWNLOAD_WISH.extra,
        responses=DOWNLOAD_WISH.responses,
        response_class=Response,
    )
    async def pass_wish(request: Request) -> Response:
        _check_caller(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise InvalidRequest(f"Send JSON, and say so: Content-Type: {_JSON}.")
        wish = await read_request(request, read_download_wish)
        link = services.link
        if link is None or link.downloads() is None:
            raise NoApp(f"No app started this endpoint, so nobody looks after downloads: traypoint pull {wish.wanted}")
        try:
            await asyncio.to_thread(link.wish, wish)
        except OSError as error:
            raise NoApp(f"The app that started this endpoint has gone: {error}.") from error
        return JsonReply({"deed": wish.deed.value, "wanted": wish.wanted}, status_code=202)

    return router


def _check_caller(request: Request) -> None:
    if not is_local_caller(request.scope):
        raise AccessDenied("Downloads are looked after on this machine only: open this page, or ask, there.")
