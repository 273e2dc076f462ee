"""Tools as the control plane takes them: OpenAI's shape, or flat as AbstractCore writes them. Pure.

Source: abstractcore 2.30.0, `ToolDefinition.to_dict` (flat) and `UniversalToolHandler.prepare_tools_for_native`, which
makes of the same tool what its chats send here: both must render alike, or what a key holds begins no chat of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endpoint.conversation import Tool
from endpoint.protocol.tools import FunctionTool
from endpoint.protocol.validation import parse_value
from endpoint.protocol.wire import JsonObject


class FlatTool(FunctionTool):
    """A function with nothing around it; `when_to_use` is a part of its description."""

    when_to_use: str | None = None


def read_tool(tool: JsonObject, path: str) -> Tool:
    """Raises InvalidRequest naming the field."""
    function = tool.get("function")
    if isinstance(function, dict):
        wire = parse_value(function, FunctionTool, f"{path}.function")
        return Tool(wire.name, wire.description or "", wire.parameters or {"type": "object", "properties": {}})
    flat = parse_value(tool, FlatTool, path)
    description = flat.description or ""
    if flat.when_to_use:
        description = f"{description}\n\nWhen to use: {flat.when_to_use}"
    parameters = flat.parameters or {}
    return Tool(flat.name, description, parameters if _is_schema(parameters) else _to_schema(parameters))


def _is_schema(parameters: Mapping[str, Any]) -> bool:
    """Not the properties alone, of which one may be called `type` or `properties` too."""
    properties = parameters.get("properties")
    return (
        isinstance(parameters.get("type"), (str, list))
        or isinstance(parameters.get("$ref"), str)
        or any(isinstance(parameters.get(word), list) for word in ("anyOf", "oneOf", "allOf"))
        or (isinstance(properties, Mapping) and not isinstance(properties.get("type"), str))
    )


def _to_schema(properties: Mapping[str, Any]) -> JsonObject:
    """As there: what has no default is required, and defaults aren't told."""
    told = {
        name: {word: value for word, value in each.items() if word != "default"} if isinstance(each, Mapping) else each
        for name, each in properties.items()
    }
    required = [name for name, each in properties.items() if isinstance(each, Mapping) and "default" not in each]
    return {"type": "object", "properties": told, "required": required}
