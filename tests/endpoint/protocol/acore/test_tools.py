"""Flat tools, as AbstractCore writes them, become what its chats send. Values made by abstractcore 2.30.0."""

from __future__ import annotations

from typing import Any

import pytest

from endpoint.errors import InvalidRequest
from endpoint.protocol.acore.tools import read_tool

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


def test_a_flat_tool_becomes_what_its_chat_sends() -> None:
    flat = {
        "name": "read_file",
        "description": "Read a file.",
        "when_to_use": "To see what is in it.",
        "parameters": {"path": {"type": "string"}, "lines": {"type": "integer", "default": 10}},
        "required_args": ["path"],
    }
    tool = read_tool(flat, "tools[0]")
    assert tool.description == "Read a file.\n\nWhen to use: To see what is in it."
    assert tool.parameters == {
        "type": "object",
        "properties": {"path": {"type": "string"}, "lines": {"type": "integer"}},
        "required": ["path"],
    }


@pytest.mark.parametrize("name", ["type", "properties"])
def test_a_property_may_be_called_like_a_word_of_schemas(name: str) -> None:
    tool = read_tool({"name": "f", "parameters": {name: {"type": "string"}}}, "tools[0]")
    assert tool.parameters["properties"] == {name: {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [SCHEMA, {"properties": {"type": {"type": "string"}}}, {"$ref": "#/$defs/x"}, {"anyOf": [SCHEMA]}],
)
def test_a_schema_stays_as_it_is(schema: dict[str, Any]) -> None:
    assert read_tool({"name": "f", "parameters": schema}, "tools[0]").parameters == schema
    wrapped = {"type": "function", "function": {"name": "f", "parameters": schema}}
    assert read_tool(wrapped, "tools[0]").parameters == schema


def test_a_tool_without_a_name_is_named_by_its_place() -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_tool({"type": "function", "function": {}}, "tools[3]")
    assert caught.value.param == "tools[3].function.name"
