"""The response object as pydantic models: for the OpenAPI page and for tests that hold real answers against it. Pure.

Nothing is serialised through these: `resource` and `output` write plain dicts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PAGE_PARAMETERS: list[dict[str, Any]] = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
    {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"], "default": "desc"}},
    {"name": "after", "in": "query", "description": "an item's id", "schema": {"type": "string"}},
]
"""What `listing.read_page` takes."""

Status = Literal["in_progress", "completed", "incomplete"]


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OutputText(_Exact):
    """Text for the reader."""

    type: Literal["output_text"]
    text: str
    annotations: list[Any]
    logprobs: list[Any]


class ReasoningText(_Exact):
    """What the model thought aloud."""

    type: Literal["reasoning_text"]
    text: str


class OutputMessage(_Exact):
    """What the model says."""

    type: Literal["message"]
    id: str
    status: Status
    role: Literal["assistant"]
    content: list[OutputText]


class ReasoningItem(_Exact):
    """What the model thought; `encrypted_content`, where it was asked for, brings it back into a later request."""

    type: Literal["reasoning"]
    id: str
    status: Status
    summary: list[Any]
    content: list[ReasoningText]
    encrypted_content: str | None


class FunctionCallItem(_Exact):
    """A call that the client is asked to make; `arguments` is what the model wrote: JSON text, if it wrote JSON."""

    type: Literal["function_call"]
    id: str
    status: Status
    call_id: str
    name: str
    namespace: str | None = None
    arguments: str


class CustomToolCallItem(_Exact):
    """A call of a custom tool, with a text."""

    type: Literal["custom_tool_call"]
    id: str
    status: Status
    call_id: str
    name: str
    namespace: str | None = None
    input: str


OutputItem = Annotated[
    OutputMessage | ReasoningItem | FunctionCallItem | CustomToolCallItem, Field(discriminator="type")
]


class InputTokensDetails(_Exact):
    """`cached_tokens` of the prompt were not prefilled again; `cache_write_tokens` is OpenAI's way to charge: 0."""

    cached_tokens: int
    cache_write_tokens: int


class OutputTokensDetails(_Exact):
    """`reasoning_tokens` of the answer were reasoning."""

    reasoning_tokens: int


class ResponseUsage(_Exact):
    """Token counts."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class IncompleteDetails(_Exact):
    """Why a response is not whole."""

    reason: Literal["max_output_tokens"]


class ResponseFailure(_Exact):
    """Why a response broke off; streams only."""

    code: Literal["server_error"]
    message: str


class Response(_Exact):
    """Answer of POST and GET /v1/responses: what was asked for, told back, and what became of it."""

    id: str
    object: Literal["response"]
    created_at: int
    completed_at: int | None
    status: Literal["in_progress", "completed", "incomplete", "failed"]
    error: ResponseFailure | None
    incomplete_details: IncompleteDetails | None
    model: str
    output: list[OutputItem]
    usage: ResponseUsage | None
    background: Literal[False]
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    metadata: dict[str, str]
    parallel_tool_calls: bool
    previous_response_id: str | None
    prompt_cache_key: str | None
    reasoning: dict[str, str | None]
    safety_identifier: str | None
    service_tier: Literal["default"]
    store: bool
    text: dict[str, Any]
    tool_choice: str | dict[str, Any]
    tools: list[dict[str, Any]]
    truncation: Literal["disabled"]
    user: str | None
    frequency_penalty: float
    presence_penalty: float
    temperature: float
    top_logprobs: int
    top_p: float


class DeletedResponse(_Exact):
    """Answer of DELETE /v1/responses/{response_id}."""

    id: str
    object: Literal["response"]
    deleted: Literal[True]


class ItemList(_Exact):
    """Answer of GET /v1/responses/{response_id}/input_items."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    first_id: str | None
    last_id: str | None
    has_more: bool
