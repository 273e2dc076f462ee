"""What is told of a request: values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.explain.kinds import Kind
from endpoint.explain.records import Record
from endpoint.explain.spans import Piece


class Part(StrEnum):
    """What a place is in."""

    MESSAGE = "message"
    TOOL = "tool"
    TEMPLATE = "template"  # what the template writes before, between and behind them
    PROMPT = "prompt"  # text or tokens that were sent as such


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the new request: `message` counts from 0, as in `messages[0]`, and has a `role`; `character` counts from
    0 in its own text (`piece` says which). `path` leads into a `tool`'s definition. In the template, `message` is the
    next one, None behind the last."""

    part: Part
    message: int | None = None
    role: str | None = None
    piece: Piece | None = None
    character: int | None = None
    tool: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the prompt left the best candidate: after `token` tokens and `character` characters of it. `before` both
    have; then the `earlier` one goes on otherwise than the `new` one. `change`: what it is, in words. `request_id`: of
    the request that the candidate was computed for, while that is remembered."""

    token: int
    character: int
    before: str
    earlier: str
    new: str
    place: Place
    change: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`summary`: the reason in a sentence or two. `divergence`: None where the best candidate was used to its end."""

    record: Record
    kind: Kind
    summary: str
    divergence: Divergence | None
