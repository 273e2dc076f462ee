"""POST /v1/completions: the body, checked, as a CompletionRequest. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from endpoint.errors import InvalidRequest
from endpoint.protocol.output_format import OutputBody
from endpoint.protocol.requests import CompletionRequest
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import by_type, refuse_unless
from endpoint.providers.base import Sampling

PromptItem = Annotated[
    Annotated[str, Tag("a string")] | Annotated[int, Tag("a number")] | Annotated[list[int], Tag("a list")],
    by_type("a string, a token or a list of tokens"),
]
Prompt = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[PromptItem], Tag("a list")],
    by_type("a string or a list of tokens"),
]
Logprobs = Annotated[
    Annotated[bool, Tag("true or false")] | Annotated[Annotated[int, Field(ge=0, le=20)], Tag("a number")],
    by_type("a number, true or false"),
]

MOST_CHOICES = 128
"""Answers in one reply, of all prompts together."""


class CompletionBody(OutputBody):
    """The body. Anything not listed here is accepted and ignored."""

    prompt: Prompt
    max_tokens: Annotated[int | None, Field(ge=0, description="0 needs echo")] = None
    best_of: Annotated[int | None, Field(ge=1, le=20, description="only n is served")] = None
    echo: bool | None = None
    suffix: str | None = None
    logprobs: Logprobs | None = None


def read_completion_request(body: bytes, defaults: Sampling) -> CompletionRequest:
    """Check the body; what it leaves out of sampling is as in `defaults`. Raises InvalidRequest naming the field."""
    wire = parse_body(body, CompletionBody)
    prompts, each = _read_prompts(wire.prompt), wire.n or 1
    refuse_unless(wire.best_of in {None, each}, "best_of", "can only be the same as n here")
    refuse_unless(bool(wire.echo) or wire.max_tokens != 0, "max_tokens", "must be at least 1, or come with echo")
    refuse_unless(not (wire.echo and wire.suffix), "suffix", "can't be combined with echo")
    refuse_unless(wire.prompt_cache_mode != "append", "prompt_cache_mode", "can be append in chats only")
    if len(prompts) * each > MOST_CHOICES:
        raise InvalidRequest(
            f"{len(prompts)} prompts with {each} choices each are too many: at most {MOST_CHOICES} in all.", "prompt"
        )
    return CompletionRequest(
        wire.model,
        prompts,
        wire.generation(wire.max_tokens, defaults, _count_logprobs(wire.logprobs)),
        wire.delivery(),
        echo=bool(wire.echo),
        suffix=wire.suffix or None,
    )


def _count_logprobs(wire: bool | int | None) -> int | None:
    """Older clients say true for one."""
    if isinstance(wire, bool):
        return 1 if wire else None
    return wire


def _read_prompts(wire: str | list[str | int | list[int]]) -> tuple[str | tuple[int, ...], ...]:
    if isinstance(wire, str):
        return (wire,)
    tokens = tuple(item for item in wire if isinstance(item, int))
    if tokens and len(tokens) == len(wire):
        return (tokens,)
    if tokens or not wire:
        raise InvalidRequest("prompt must be a string, a list of tokens, or a list of prompts, all such.", "prompt")
    return tuple(item if isinstance(item, str) else tuple(item) for item in wire if not isinstance(item, int))
