from __future__ import annotations

import json

import pytest

from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, OutputFormat, OutputKind, ToolChoice
from endpoint.protocol.chat_request import read_chat_request
from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.sampling import DEFAULT_SAMPLING

SCHEMA = {"type": "object"}
TOOL = {"type": "function", "function": {"name": "fly"}}


def read(**fields: object) -> ChatRequest:
    return read_chat_request(
        json.dumps({"messages": [{"role": "user", "content": "x"}], **fields}).encode(), DEFAULT_SAMPLING
    )


def wrapped(**fields: object) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, **fields}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}}, None),
        ({"response_format": {"type": "json_object"}}, OutputFormat(OutputKind.JSON_OBJECT, "response_format")),
        (
            {"response_format": wrapped(strict=True)},
            OutputFormat(OutputKind.JSON_SCHEMA, "response_format.json_schema.schema", SCHEMA),
        ),
        (
            {"response_format": wrapped(strict=False)},
            OutputFormat(OutputKind.JSON_SCHEMA, "response_format.json_schema.schema", SCHEMA, lenient=True),
        ),
        (
            {"response_format": {"type": "json_object", "schema": SCHEMA}},
            OutputFormat(OutputKind.JSON_SCHEMA, "response_format.schema", SCHEMA),
        ),
        ({"json_schema": SCHEMA}, OutputFormat(OutputKind.JSON_SCHEMA, "json_schema", SCHEMA)),
        ({"regex": "a"}, OutputFormat(OutputKind.REGEX, "regex", "a")),
        ({"grammar": "g"}, OutputFormat(OutputKind.GRAMMAR, "grammar", "g")),
        ({"guided_json": '{"type": "object"}'}, OutputFormat(OutputKind.JSON_SCHEMA, "guided_json", SCHEMA)),
        ({"guided_choice": ["a.b", "c"]}, OutputFormat(OutputKind.REGEX, "guided_choice", "a\\.b|c")),
        (
            {"structured_outputs": {"regex": "a"}},
            OutputFormat(OutputKind.REGEX, "structured_outputs.regex", "a"),
        ),
    ],
    ids=str,
)
def test_every_way_to_ask_for_a_form_is_read(fields: dict[str, object], expected: OutputFormat | None) -> None:
    assert read(**fields).generation.output == expected


def test_completions_take_a_form_too() -> None:
    body = json.dumps({"prompt": "x", "regex": "a"}).encode()
    assert read_completion_request(body, DEFAULT_SAMPLING).generation.output == OutputFormat(
        OutputKind.REGEX, "regex", "a"
    )


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"response_format": wrapped(schema="x")}, "response_format.json_schema.schema"),
        ({"regex": "a", "grammar": "g"}, "regex"),
        ({"guided_json": "{"}, "guided_json"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_by_name(fields: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, AUTO),
        ("auto", AUTO),
        ("required", ToolChoice(must_call=True)),
        ({"type": "function", "function": {"name": "fly"}}, ToolChoice(True, ("fly",))),
        ({"type": "function", "name": "fly"}, ToolChoice(True, ("fly",))),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [TOOL]}},
            ToolChoice(True, ("fly",)),
        ),
    ],
    ids=str,
)
def test_a_tool_choice_is_read(choice: object, expected: ToolChoice) -> None:
    request = read(tools=[TOOL], tool_choice=choice)
    assert request.tool_choice == expected
    assert [tool.name for tool in request.tools] == ["fly"]


def test_tools_that_are_not_allowed_are_not_offered_where_no_call_is_demanded() -> None:
    other = {"type": "function", "function": {"name": "swim"}}
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TOOL]}}
    assert [tool.name for tool in read(tools=[TOOL, other], tool_choice=choice).tools] == ["fly"]
