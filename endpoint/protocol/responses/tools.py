"""The tools of a Responses request, and the names by which the model knows them. Pure.

Three kinds can be called: functions; custom tools, which take a text and are offered as functions with the one
parameter `input`; and both of them inside a namespace, whose name goes before theirs. Tools that OpenAI runs itself
(web_search, local_shell …) are left out: the model isn't told of what nobody here can do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, ToolChoice
from endpoint.protocol.validation import parse_value
from endpoint.protocol.wire import JsonObject, WireModel

INPUT = "input"
"""The one parameter of a custom tool."""
_NO_PARAMETERS: JsonObject = {"type": "object", "properties": {}}
_ONE_TEXT: JsonObject = {
    "type": "object",
    "properties": {INPUT: {"type": "string"}},
    "required": [INPUT],
    "additionalProperties": False,
}


class WireFormat(WireModel):
    """What a custom tool's text must look like; the model is told, and not held to it."""

    type: str
    syntax: str | None = None
    definition: str | None = None


class WireTool(WireModel):
    """A function, a custom tool or a namespace of them."""

    type: str
    name: Annotated[str, Field(min_length=1, max_length=128)]
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None
    format: WireFormat | None = None
    tools: list[JsonObject] | None = None


@dataclass(frozen=True, slots=True)
class Callee:
    """A tool as the client knows it."""

    name: str
    namespace: str | None = None
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What may be called: `tools` as the model sees them, `callees` by the model's names, `echo` as it is told back."""

    tools: tuple[Tool, ...] = ()
    callees: Mapping[str, Callee] = field(default_factory=dict)
    echo: tuple[JsonObject, ...] = ()
    choice: ToolChoice = AUTO


def join_name(namespace: str | None, name: str) -> str:
    """The model's name for a tool: "crm" and "find" as "crm__find"."""
    if not namespace:
        return name
    return f"{namespace.removesuffix('__')}__{name}"


def read_toolbox(wires: Sequence[JsonObject] | None, choice: str | JsonObject | None) -> Toolbox:
    """Check the tools. Raises InvalidRequest naming the field."""
    tools: dict[str, Tool] = {}
    callees: dict[str, Callee] = {}
    echo = []
    for place, wire in enumerate(wires or ()):
        path = f"tools[{place}]"
        for callee, tool in _read_tool(wire, path):
            if tool.name in tools:
                raise InvalidRequest(f"{path}.name: there are two tools of the name {tool.name!r}.", f"{path}.name")
            tools[tool.name], callees[tool.name] = tool, callee
        if wire["type"] in {"function", "custom", "namespace"}:
            echo.append(_to_echo(wire))
    chosen = _read_choice(choice, callees)
    offered = () if choice == "none" else tuple(tool for tool in tools.values() if _is_offered(tool, chosen))
    return Toolbox(offered, callees, tuple(echo), chosen)


def _is_offered(tool: Tool, chosen: ToolChoice) -> bool:
    """Where a call isn't demanded, nothing but this keeps the model from calling a tool that is not allowed."""
    return chosen.must_call or not chosen.only or tool.name in chosen.only


def _read_tool(wire: JsonObject, path: str, namespace: str | None = None) -> Iterator[tuple[Callee, Tool]]:
    if not isinstance(wire.get("type"), str):
        raise InvalidRequest(f"{path}.type is required.", f"{path}.type")
    if wire["type"] not in {"function", "custom", "namespace"}:
        return
    tool = parse_value(wire, WireTool, path)
    match tool.type:
        case "namespace" if namespace is None:
            for place, inner in enumerate(tool.tools or ()):
                yield from _read_tool(inner, f"{path}.tools[{place}]", tool.name)
        case "function":
            name = join_name(namespace, tool.name)
            parameters = tool.parameters or _NO_PARAMETERS
            yield Callee(tool.name, namespace), Tool(name, tool.description or "", parameters)
        case "custom":
            name = join_name(namespace, tool.name)
            yield Callee(tool.name, namespace, is_custom=True), Tool(name, _describe(tool), _ONE_TEXT)


def _describe(tool: WireTool) -> str:
    if tool.format is None or not tool.format.definition:
        return tool.description or ""
    rule = f"The input must match this {tool.format.syntax or ''} grammar:\n{tool.format.definition}"
    return "\n\n".join(filter(None, (tool.description, rule)))


def _to_echo(wire: JsonObject) -> JsonObject:
    if wire["type"] != "function":
        return wire
    return {"description": None, "parameters": None, "strict": None, **wire}


def _read_choice(choice: str | JsonObject | None, callees: Mapping[str, Callee]) -> ToolChoice:
    if choice is None or choice in ("auto", "none"):
        return AUTO
    if choice == "required":
        if not callees:
            raise InvalidRequest('tool_choice is "required", but there are no tools to call.', "tool_choice")
        return ToolChoice(must_call=True)
    if not isinstance(choice, dict):
        raise InvalidRequest(
            f'tool_choice must be "auto", "none", "required" or an object, got {choice!r}.', "tool_choice"
        )
    if choice.get("type") == "allowed_tools":
        allowed = choice.get("tools")
        only = tuple(_find(each, callees) for each in (allowed if isinstance(allowed, list) else ()))
        if not only:
            raise InvalidRequest("tool_choice.tools must name at least one tool.", "tool_choice")
        return ToolChoice(must_call=choice.get("mode") == "required", only=only)
    return ToolChoice(must_call=True, only=(_find(choice, callees),))


def _find(wanted: object, callees: Mapping[str, Callee]) -> str:
    """The model's name of a tool that a choice names."""
    wish = wanted if isinstance(wanted, dict) else {}
    for name, callee in callees.items():
        if wish.get("name") in (callee.name, name) and wish.get("namespace") in (None, callee.namespace):
            return name
    raise InvalidRequest(
        f"tool_choice names {wish.get('name') or wish.get('type')!r}, which is no tool that can be called here.",
        "tool_choice",
    )
