"""The content blocks of Anthropic's messages: types only. Pure.

A block is told by its `type`; one that isn't read here is an OtherBlock, and what becomes of it is decided where it
stands.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from endpoint.protocol.wire import JsonObject, WireModel, by_type


class TextBlock(WireModel):
    """Text."""

    type: Literal["text"]
    text: str


class ThinkingBlock(WireModel):
    """What the assistant thought; its `signature` proves nothing here and is ignored."""

    type: Literal["thinking"]
    thinking: str


class ToolUseBlock(WireModel):
    """A call that the assistant made."""

    type: Literal["tool_use"]
    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    input: JsonObject


class ToolReferenceBlock(WireModel):
    """A tool that a search found: its name is the result. All tools are always offered."""

    type: Literal["tool_reference"]
    tool_name: str


class OtherBlock(WireModel):
    """A block of any other type."""

    type: str


def _by_kind(*kinds: str) -> Discriminator:
    """Choose a block's model by its type; of all others, and of what is no block, the last."""

    def tag(value: object) -> str:
        kind = value.get("type") if isinstance(value, dict) else None
        return f"a {kind} block" if isinstance(kind, str) and kind in kinds else "a block"

    return Discriminator(tag)


ResultBlock = Annotated[
    Annotated[TextBlock, Tag("a text block")]
    | Annotated[ToolReferenceBlock, Tag("a tool_reference block")]
    | Annotated[OtherBlock, Tag("a block")],
    _by_kind("text", "tool_reference"),
]
ResultContent = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[ResultBlock], Tag("a list")],
    by_type("a string or a list of blocks"),
]


class ToolResultBlock(WireModel):
    """What a call brought."""

    type: Literal["tool_result"]
    tool_use_id: Annotated[str, Field(min_length=1)]
    content: ResultContent | None = None
    is_error: bool | None = None


Block = Annotated[
    Annotated[TextBlock, Tag("a text block")]
    | Annotated[ThinkingBlock, Tag("a thinking block")]
    | Annotated[ToolUseBlock, Tag("a tool_use block")]
    | Annotated[ToolResultBlock, Tag("a tool_result block")]
    | Annotated[OtherBlock, Tag("a block")],
    _by_kind("text", "thinking", "tool_use", "tool_result"),
]
Content = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[Block], Tag("a list")],
    by_type("a string or a list of blocks"),
]
