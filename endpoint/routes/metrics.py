"""GET /metrics: the engine's counts for Prometheus. It answers while loading and when wedged, too: it only reads.

Owner: the event loop; the page is written on a worker thread, for the first scrape imports a library.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from endpoint.routes.documents import METRICS, get_and_head
from endpoint.routes.services import EngineGate, Services

if TYPE_CHECKING:
    from endpoint.protocol.metrics import MetricsWriter


def metrics_router(services: Services) -> APIRouter:
    """The metrics' route."""
    router = APIRouter(tags=["status"])
    page = _MetricsPage(services.engine)

    @get_and_head(router, "/metrics", "Counts for Prometheus", METRICS)
    async def show_metrics(request: Request) -> Response:
        content, content_type = await asyncio.to_thread(page.write, request.headers.get("accept", ""))
        return Response(content, headers={"content-type": content_type})

    return router


class _MetricsPage:
    """Makes its writer when first asked. Two first scrapes at once may each make one: nothing is lost by that."""

    def __init__(self, engine: EngineGate) -> None:
        self._engine = engine
        self._writer: MetricsWriter | None = None

    def write(self, accept: str) -> tuple[bytes, str]:
        if self._writer is None:
            from endpoint.protocol.metrics import MetricsWriter

            self._writer = MetricsWriter(self._engine.metrics)
        return self._writer.write(accept)
