"""Asks a running endpoint what a client must be told of it. http.client only: the tray stays light."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass

from tray.state import reachable_host

TIMEOUT_S = 2.0
MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Served:
    """The model's name in requests, and its context in tokens."""

    model: str
    n_ctx: int | None


def ask_served(host: str, port: int, api_key: str | None, timeout_s: float = TIMEOUT_S) -> Served | None:
    """GET /v1/models; None where no answer comes that makes sense."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        connection.request("GET", "/v1/models", headers=headers)
        answer = connection.getresponse()
        return read_served(answer.read(MAX_BODY_BYTES)) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: a key that no header can carry
        return None
    finally:
        connection.close()


def read_served(body: bytes) -> Served | None:
    """The first model of a /v1/models body; None where there is none."""
    try:
        first = json.loads(body)["data"][0]
        model, n_ctx = first["id"], first.get("context_length")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None
    if not isinstance(first, Mapping) or not isinstance(model, str) or not model:
        return None
    return Served(model, n_ctx if isinstance(n_ctx, int) and not isinstance(n_ctx, bool) and n_ctx > 0 else None)
