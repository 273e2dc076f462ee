"""POST /v1/completions: the body, checked, as a CompletionRequest. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from endpoint.errors import InvalidRequest
from endpoint.protocol.requests import CompletionRequest
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import GenerationBody, by_type, refuse_unless

PromptItem = Annotated[
    Annotated[str, Tag("a string")] | Annotated[int, Tag("a number")] | Annotated[list[int], Tag("a list")],
    by_type("a string, a token or a list of tokens"),
]
Prompt = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[PromptItem], Tag("a list")],
    by_type("a string or a list of tokens"),
]
Logprobs = Annotated[
    Annotated[bool, Tag("true or false")] | Annotated[int, Tag("a number")], by_type("a number, true or false")
]

_LATER = "is not supported here yet; leave it out"


class CompletionBody(GenerationBody):
    """The body. Anything not listed here is accepted and ignored."""

    prompt: Prompt
    best_of: Annotated[int | None, Field(ge=1, le=20)] = None
    echo: bool | None = None
    suffix: str | None = None
    logprobs: Logprobs | None = None


def read_completion_request(body: bytes) -> CompletionRequest:
    """Check the body. Raises InvalidRequest naming the field."""
    wire = parse_body(body, CompletionBody)
    wire.check_common()
    refuse_unless(wire.best_of in {None, 1}, "best_of", "can only be 1 here")
    refuse_unless(not wire.echo, "echo", _LATER)
    refuse_unless(not wire.suffix, "suffix", _LATER)
    refuse_unless(wire.logprobs is None or wire.logprobs is False, "logprobs", _LATER)
    return CompletionRequest(wire.model, _one_prompt(wire.prompt), wire.generation(wire.max_tokens), wire.delivery())


def _one_prompt(prompt: str | list[str | int | list[int]]) -> str | tuple[int, ...]:
    if isinstance(prompt, str):
        return prompt
    tokens = tuple(item for item in prompt if isinstance(item, int))
    if tokens and len(tokens) == len(prompt):
        return tokens
    if len(prompt) != 1:
        raise InvalidRequest(f"prompt must be one prompt a request, got {len(prompt)}.", "prompt")
    only = prompt[0]
    return only if isinstance(only, str) else tuple(only) if isinstance(only, list) else (only,)
