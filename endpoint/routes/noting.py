"""Tells of each generation what the prompt cache did: in a header, and to whoever asks later. Owner: the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request

from endpoint.cache.report import CacheReport
from endpoint.engine.model import LoadedModel
from endpoint.explain.records import Asker, make_record
from endpoint.guards.answers import find_request_id
from endpoint.keycontent import KeyContent
from endpoint.protocol.acore.explained import HEADER, write_header
from endpoint.routes.services import Services

Tell = Callable[[CacheReport], dict[str, str]]
"""Remembers a report; the headers that tell of it."""


def make_teller(
    services: Services, request: Request, reply_id: str, model: LoadedModel, asked: KeyContent | None
) -> Tell:
    """For one answer."""
    asker = Asker(reply_id, find_request_id(request.scope), time.time(), model, asked)

    def tell(report: CacheReport) -> dict[str, str]:
        if services.records.is_on:
            services.records.note(make_record(asker, report))
        return {HEADER: write_header(report)}

    return tell
