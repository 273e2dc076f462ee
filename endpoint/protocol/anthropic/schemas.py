"""Anthropic's answers as pydantic models, for the OpenAPI page and for tests. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from endpoint.protocol.wire import JsonObject


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MessageText(_Exact):
    """Text."""

    type: Literal["text"]
    text: str


class MessageThought(_Exact):
    """Reasoning; the signature proves nothing."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class MessageCall(_Exact):
    """A call that the client is asked to make; `{"_raw": text}` where the model wrote no JSON object."""

    type: Literal["tool_use"]
    id: str
    name: str
    input: JsonObject


class OutputDetails(_Exact):
    """`thinking_tokens` of the answer were reasoning."""

    thinking_tokens: int


class MessageUsage(_Exact):
    """Token counts; those of the input add up to the prompt's."""

    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int
    output_tokens_details: OutputDetails


class MessageAnswer(_Exact):
    """Answer of POST /v1/messages."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[MessageText | MessageThought | MessageCall]
    stop_reason: Literal["end_turn", "max_tokens", "stop_sequence", "tool_use", "model_context_window_exceeded"]
    stop_sequence: str | None
    usage: MessageUsage


class TokenCount(_Exact):
    """Answer of POST /v1/messages/count_tokens."""

    input_tokens: int


class MessageErrorDetail(_Exact):
    """Anthropic's error."""

    type: str
    message: str


class MessageError(_Exact):
    """Every error's body under /v1/messages."""

    type: Literal["error"]
    error: MessageErrorDetail
    request_id: str
