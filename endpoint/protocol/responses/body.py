"""POST /v1/responses: the body's types, as OpenAI defines them. Pure.

An item's and a part's fields depend on its type; which are needed is checked where they are read (`items`). Fields that
change nothing here (include_obfuscation, verbosity, client_metadata …) are accepted and ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from endpoint.protocol.wire import GenerationBody, JsonObject, WireModel, by_type


class WirePart(WireModel):
    """A part of an item's content."""

    type: str
    text: str | None = None
    refusal: str | None = None


WireContent = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[WirePart], Tag("a list")],
    by_type("a string, a list of parts, or null"),
]


class WireItem(WireModel):
    """One item of a conversation; without a type, but with a role, a message."""

    type: str | None = None
    id: str | None = None
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: WireContent | None = None
    summary: list[WirePart] | None = None
    encrypted_content: str | None = None
    call_id: str | None = None
    namespace: str | None = None
    name: str | None = None
    arguments: str | None = None
    input: str | None = None
    output: WireContent | None = None


Input = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[WireItem], Field(min_length=1), Tag("a list")],
    by_type("a string or a list of items"),
]


class ReasoningOptions(WireModel):
    """`reasoning`; a summary is never written: the reasoning itself comes whole."""

    effort: str | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class TextFormat(WireModel):
    """`text.format`; `name`, `schema` and `strict` belong to json_schema."""

    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    description: str | None = None
    schema_: Annotated[JsonObject | None, Field(alias="schema")] = None
    strict: bool | None = None


class TextOptions(WireModel):
    """`text`; the verbosity is told back and changes nothing."""

    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


ToolChoiceField = Annotated[
    Annotated[str, Tag("a string")] | Annotated[JsonObject, Tag("an object")], by_type("a string or an object")
]


class ResponsesBody(GenerationBody):
    """The body. Anything not listed here is accepted and ignored."""

    input: Input | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    store: Annotated[bool | None, Field(description="kept in memory only, until the endpoint ends")] = None
    max_output_tokens: Annotated[int | None, Field(ge=1)] = None
    max_tool_calls: Annotated[int | None, Field(ge=1, description="counts built-in tools, of which there are none")] = (
        None
    )
    tools: list[JsonObject] | None = None
    tool_choice: ToolChoiceField | None = None
    parallel_tool_calls: bool | None = None
    reasoning: ReasoningOptions | None = None
    text: TextOptions | None = None
    include: list[str] | None = None
    truncation: Annotated[
        Literal["auto", "disabled"] | None, Field(description="nothing is ever cut: what doesn't fit is refused")
    ] = None
    top_logprobs: Annotated[int | None, Field(ge=0, le=20, description="only 0 is served")] = None
    metadata: dict[str, str] | None = None
    safety_identifier: str | None = None
    user: str | None = None
    service_tier: str | None = None
    background: bool | None = None
    conversation: Any = None
    prompt: Any = None
    chat_template_kwargs: Annotated[JsonObject | None, Field(description="ours")] = None
