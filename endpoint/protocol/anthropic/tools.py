"""`tools` and `tool_choice` of Anthropic's messages. Pure.

Tools that Anthropic defines (web search, bash, text editor …) bring no schema: its own models know them by heart, and a
local one doesn't. They are skipped, and a choice that needs one of them is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, ToolChoice
from endpoint.protocol.wire import JsonObject, WireModel


class WireTool(WireModel):
    """A tool; `type` custom or absent: the client's own, with a name and a schema. Those of other types are skipped."""

    name: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    type: str | None = None
    description: str | None = None
    input_schema: JsonObject | None = None


class WireChoice(WireModel):
    """`tool_choice`; `name` belongs to type tool."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the model may call, whether it must, and whether more than once."""

    tools: tuple[Tool, ...]
    choice: ToolChoice
    parallel_calls: bool


def read_tools(tools: Sequence[WireTool], choice: WireChoice | None) -> Offer:
    """The tools as chosen. Raises InvalidRequest for a tool without a schema, and a choice that can't be met."""
    own = tuple(_to_tool(tool, place) for place, tool in enumerate(tools) if tool.type in {None, "custom"})
    if choice is None:
        return Offer(own, AUTO, parallel_calls=True)
    several = not choice.disable_parallel_tool_use
    match choice.type:
        case "auto":
            return Offer(own, AUTO, several)
        case "none":
            return Offer((), AUTO, several)
        case "any":
            if not own:
                raise InvalidRequest("tool_choice asks for a call, but no tool can be called here.", "tool_choice")
            return Offer(own, ToolChoice(must_call=True), several)
        case "tool":
            _check_name(choice.name, own)
            return Offer(own, ToolChoice(must_call=True, only=(choice.name or "",)), several)


def _to_tool(tool: WireTool, place: int) -> Tool:
    if tool.name is None or tool.input_schema is None:
        path = f"tools[{place}].{'name' if tool.name is None else 'input_schema'}"
        raise InvalidRequest(f"{path} is required.", path)
    return Tool(tool.name, tool.description or "", tool.input_schema)


def _check_name(name: str | None, tools: Sequence[Tool]) -> None:
    if name is None:
        raise InvalidRequest("tool_choice.name is required.", "tool_choice.name")
    if all(tool.name != name for tool in tools):
        known = ", ".join(tool.name for tool in tools) or "none"
        raise InvalidRequest(
            f"tool_choice.name is {name!r}, which is no tool that can be called here ({known}).", "tool_choice.name"
        )
