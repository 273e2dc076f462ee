"""/tokenize and /detokenize: bodies as llama-server (`content`) and vLLM (`prompt`, `messages`) have them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from endpoint.errors import InvalidRequest
from endpoint.protocol.chat_request import read_chat_request
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.sampling import DEFAULT_SAMPLING
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import WireModel, refuse_unless


class TokenizeBody(WireModel):
    """Exactly one of `content`, `prompt` and `messages`; with messages, what a chat request may have beside them counts
    too. Anything not listed here is accepted and ignored."""

    model: str | None = None
    content: Annotated[str | None, Field(description="a text, as for llama-server: `add_special` is off")] = None
    prompt: Annotated[str | None, Field(description="a text, as for vLLM: `add_special_tokens` is on")] = None
    messages: Annotated[list[Any] | None, Field(description="a conversation, through the chat template")] = None
    add_special: Annotated[bool | None, Field(description="start and end tokens, where the model wants them")] = None
    add_special_tokens: Annotated[bool | None, Field(description="another name, vLLM's")] = None
    with_pieces: Annotated[bool | None, Field(description="with `content`: each token's text, too")] = None
    return_token_strs: Annotated[bool | None, Field(description="with the others: each token's text, too")] = None
    parse_special: Annotated[bool | None, Field(description="only true is served")] = None
    add_generation_prompt: Annotated[bool | None, Field(description="only true is served")] = None


@dataclass(frozen=True, slots=True)
class TokenizeWish:
    """A text with or without the vocabulary's `marks` around it, or a conversation. `is_short`: llama-server's answer,
    else vLLM's. `with_pieces`: each token's text, too."""

    model: str | None
    given: str | ChatRequest
    is_short: bool
    marks: bool
    with_pieces: bool


def read_tokenize_request(body: bytes) -> TokenizeWish:
    """Check the body. Raises InvalidRequest naming the field."""
    wire = parse_body(body, TokenizeBody)
    refuse_unless(wire.parse_special is not False, "parse_special", "can only be true here")
    refuse_unless(wire.add_generation_prompt is not False, "add_generation_prompt", "can only be true here")
    named = [name for name in ("content", "prompt", "messages") if getattr(wire, name) is not None]
    if len(named) != 1:
        raise InvalidRequest(f"One of content, prompt and messages is needed, got {len(named)} of them.", "content")
    marks = wire.add_special if wire.add_special is not None else wire.add_special_tokens
    if wire.content is not None:
        return TokenizeWish(wire.model, wire.content, True, bool(marks), bool(wire.with_pieces))
    given = wire.prompt if wire.prompt is not None else read_chat_request(body, DEFAULT_SAMPLING)  # nothing is drawn
    return TokenizeWish(wire.model, given, False, marks is not False, bool(wire.return_token_strs))


class DetokenizeBody(WireModel):
    """Tokens to write as text."""

    tokens: list[int]
    model: str | None = None


def read_detokenize_request(body: bytes) -> DetokenizeBody:
    """Check the body. Raises InvalidRequest naming the field."""
    return parse_body(body, DetokenizeBody)
