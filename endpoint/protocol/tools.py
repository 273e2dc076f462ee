"""`tools` and `tool_choice` of a chat request, checked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, Tag

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO
from endpoint.output import ToolChoice as Choice
from endpoint.protocol.wire import JsonObject, WireModel, by_type

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
    """What the model is told that it may call: with `allowed_tools` that need no call, only those. Raises
    InvalidRequest."""
    wish = read_choice(choice)
    if choice == "none":
        return ()
    offered = (
        Tool(tool.function.name, tool.function.description or "", tool.function.parameters or _NO_PARAMETERS)
        for tool in tools or ()
    )
    return tuple(tool for tool in offered if wish.must_call or not wish.only or tool.name in wish.only)


def read_choice(choice: str | JsonObject | None) -> Choice:
    """Whether a call is demanded, and of what. Raises InvalidRequest."""
    if choice in (None, "none", "auto"):
        return AUTO
    if choice in ("required", "any"):
        return Choice(must_call=True)
    if isinstance(choice, dict):
        match choice:
            case {"type": "allowed_tools", "allowed_tools": {"tools": [*tools], **rest}}:
                return Choice(rest.get("mode") == "required", tuple(map(_name_of, tools)))
            case {"type": "allowed_tools", "tools": [*tools], **rest}:
                return Choice(rest.get("mode") == "required", tuple(map(_name_of, tools)))
            case {"type": "function"}:
                return Choice(must_call=True, only=(_name_of(choice),))
    raise _refuse()


def _name_of(entry: object) -> str:
    """Both of OpenAI's ways: the name in `function`, or beside the type."""
    match entry:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
    raise _refuse()


def _refuse() -> InvalidRequest:
    return InvalidRequest(
        'tool_choice must be "none", "auto", "required", a function by its name, or allowed_tools.', "tool_choice"
    )
