"""`tools` and `tool_choice` of a chat request, checked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, Tag

from endpoint.conversation import Tool
from endpoint.protocol.wire import JsonObject, WireModel, by_type, refuse_unless

_NO_PARAMETERS: JsonObject = {"type": "object", "properties": {}}


class FunctionTool(WireModel):
    """A function; `strict` is accepted: what the model writes is handed on as it is."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    description: str | None = None
    parameters: JsonObject | None = None


class WireTool(WireModel):
    """A tool; only functions are served."""

    type: Literal["function"]
    function: FunctionTool


ToolChoice = Annotated[
    Annotated[str, Tag("a string")] | Annotated[JsonObject, Tag("an object")], by_type("a string or an object")
]


def read_tools(tools: Sequence[WireTool] | None, choice: str | JsonObject | None) -> tuple[Tool, ...]:
    """What the model may call. Raises InvalidRequest for a choice that would force a call."""
    refuse_unless(choice in (None, "none", "auto"), "tool_choice", 'can only be "auto" or "none" here so far')
    if choice == "none":
        return ()
    return tuple(
        Tool(tool.function.name, tool.function.description or "", tool.function.parameters or _NO_PARAMETERS)
        for tool in tools or ()
    )
