"""Answers of a demanded form, over HTTP, with a model that would say something else."""

from __future__ import annotations

import json

import pytest

from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import Served

SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 3, "maximum": 5}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
FORMAT = {"type": "json_schema", "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA}}


def test_a_schema_is_kept_and_ends_the_answer(served: Served) -> None:
    body = served.chat("What a day!", response_format=FORMAT, max_tokens=100).json()
    choice = body["choices"][0]
    answer = json.loads(choice["message"]["content"])
    assert answer["city"] in {"Rome", "Oslo"}
    assert 3 <= answer["days"] <= 5
    assert choice["finish_reason"] == "stop"


def test_an_answer_that_the_limit_cuts_off_says_so(served: Served) -> None:
    choice = served.chat("What a day!", response_format=FORMAT, max_tokens=5).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert len(choice["message"]["content"]) == 5


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_a_demanded_call_comes_and_fits_its_schema(served: Served, choice: object) -> None:
    body = served.chat("Hello!", tools=TOOLS, tool_choice=choice, parallel_tool_calls=False, max_tokens=200).json()
    message = body["choices"][0]["message"]
    (call,) = message["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"])["city"] in {"Rome", "Oslo"}
    assert message["content"] is None
    assert body["choices"][0]["finish_reason"] == "tool_calls"


def test_a_form_on_a_completion_and_in_a_stream(served: Served) -> None:
    assert served.complete("hello", regex="h[a-z]{4}", max_tokens=20).json()["choices"][0]["text"] == "hello"
    response = served.complete("hello", grammar='root ::= "yes"', stream=True)
    chunks = [event for event in read_events(response) if event != "[DONE]" and event["choices"]]
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == "yes"


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"items": {"not": {}}}}}},
            "response_format.json_schema.schema",
            "/items",
        ),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "fly"}}}, "tool_choice", "'fly'"),
        ({"tool_choice": "required"}, "tool_choice", "no tools"),
        ({"regex": "(a"}, "regex", "unclosed"),
    ],
)
def test_what_cannot_be_honoured_is_a_400_that_names_the_part(
    served: Served, fields: dict[str, object], param: str, words: str
) -> None:
    response = served.chat("Hello!", **fields)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
    assert words in response.json()["error"]["message"]
