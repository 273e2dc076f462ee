"""Asks a running endpoint what a client must be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from tray.exchange import USUAL_TIMEOUT_S, exchange
from tray.reading import count, member, parse, text

MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Served:
    """The model's name in requests, and its context in tokens."""

    model: str
    n_ctx: int | None


def ask_served(host: str, port: int, api_key: str | None, timeout_s: float = USUAL_TIMEOUT_S) -> Served | None:
    """GET /v1/models; None where no answer comes that makes sense."""
    status, body = exchange(host, port, "/v1/models", limit=MAX_BODY_BYTES, api_key=api_key, timeout_s=timeout_s)
    return read_served(body) if status == HTTPStatus.OK else None


def read_served(body: bytes) -> Served | None:
    """The first model of a /v1/models body; None where there is none."""
    models = member(parse(body), "data")
    first = models[0] if isinstance(models, list) and models else None
    model = text(member(first, "id"))
    return Served(model, count(member(first, "context_length")) or None) if model else None
