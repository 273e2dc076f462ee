"""POST /v1/embeddings: the body, checked, as what is to be embedded and how to tell it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, Tag

from endpoint.errors import InvalidRequest
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import WireModel, by_type
from endpoint.providers.embedding import Pooling

Input = str | tuple[int, ...]
"""A text, or the tokens that its caller made of it."""
MOST_INPUTS = 2048
"""OpenAI's limit."""

InputItem = Annotated[
    Annotated[str, Tag("a string")] | Annotated[int, Tag("a number")] | Annotated[list[int], Tag("a list")],
    by_type("a string, a token or a list of tokens"),
]
WireInput = Annotated[
    Annotated[str, Tag("a string")] | Annotated[Annotated[list[InputItem], Field(min_length=1)], Tag("a list")],
    by_type("a string, a list of strings, a list of tokens, or a list of lists of tokens"),
]


class EmbeddingBody(WireModel):
    """The body. Anything not listed here is accepted and ignored."""

    input: Annotated[
        WireInput, Field(description=f"a text, up to {MOST_INPUTS} texts, a text's tokens, or up to as many of these")
    ]
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[
        int | None, Field(ge=1, description="keep only the first ones, and normalise again; for models trained for it")
    ] = None
    pooling: Annotated[
        Literal["mean", "cls", "last"] | None, Field(description="instead of the model's own; an extension")
    ] = None
    timeout: Annotated[float | None, Field(gt=0, allow_inf_nan=False, description="seconds; an extension")] = None


@dataclass(frozen=True, slots=True)
class EmbeddingWish:
    """Inputs in order; `pooling` and `dimensions` None: the model's own."""

    model: str | None
    inputs: tuple[Input, ...]
    as_base64: bool
    dimensions: int | None
    pooling: Pooling | None
    timeout_s: float | None


def read_embedding_request(body: bytes) -> EmbeddingWish:
    """Check the body. Raises InvalidRequest naming the field."""
    wire = parse_body(body, EmbeddingBody)
    return EmbeddingWish(
        wire.model,
        _read_inputs(wire.input),
        wire.encoding_format == "base64",
        wire.dimensions,
        None if wire.pooling is None else Pooling(wire.pooling),
        wire.timeout,
    )


def _read_inputs(wire: str | list[str | int | list[int]]) -> tuple[Input, ...]:
    if isinstance(wire, str):
        return (wire,)
    tokens = tuple(item for item in wire if isinstance(item, int))
    if tokens and len(tokens) == len(wire):
        return (tokens,)
    if tokens:
        raise InvalidRequest("input can't hold tokens beside texts or lists: it is one or the other.", "input")
    if len(wire) > MOST_INPUTS:
        raise InvalidRequest(f"input can have at most {MOST_INPUTS} texts, got {len(wire)}.", "input")
    return tuple(item if isinstance(item, str) else tuple(item) for item in wire if not isinstance(item, int))
