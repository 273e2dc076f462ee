from __future__ import annotations

import json

import pytest

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.protocol.chat_request import read_chat_request
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.sampling import DEFAULT_SAMPLING

SCHEMA = {"type": "object", "properties": {"city": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "$schema": "x"}
WEATHER = {"name": "weather", "description": "Tell it", "parameters": SCHEMA, "strict": True}


def read(**fields: object) -> ChatRequest:
    body = {"messages": [{"role": "user", "content": "hi"}], **fields}
    return read_chat_request(json.dumps(body).encode(), DEFAULT_SAMPLING)


def test_tools_are_read_with_their_schemas_as_they_are() -> None:
    tools = [{"type": "function", "function": WEATHER}, {"type": "function", "function": {"name": "now"}}]
    assert read(tools=tools).tools == (
        Tool("weather", "Tell it", SCHEMA),
        Tool("now", "", {"type": "object", "properties": {}}),
    )


def test_with_the_choice_none_no_tool_may_be_called() -> None:
    tools = [{"type": "function", "function": WEATHER}]
    assert read(tools=tools, tool_choice="none").tools == ()
    assert read(tools=tools, tool_choice="auto").tools != ()


@pytest.mark.parametrize("choice", ["sometimes", {}, {"type": "custom"}, {"type": "function", "function": {}}])
def test_a_choice_that_says_nothing_known_is_refused_by_name(choice: object) -> None:
    with pytest.raises(InvalidRequest, match="tool_choice") as caught:
        read(tools=[{"type": "function", "function": WEATHER}], tool_choice=choice)
    assert caught.value.param == "tool_choice"


def test_parallel_calls_are_allowed_unless_forbidden() -> None:
    assert read().parallel_calls
    assert read(parallel_tool_calls=None).parallel_calls
    assert not read(parallel_tool_calls=False).parallel_calls


OFF = {"enable_thinking": False, "thinking": False, "thinking_mode": "disabled"}
ON = {"enable_thinking": True, "thinking": True, "thinking_mode": "enabled"}


@pytest.mark.parametrize(
    ("fields", "variables"),
    [
        ({}, {}),
        ({"reasoning_effort": "high"}, {"reasoning_effort": "high"}),
        ({"reasoning_effort": "none"}, OFF),
        ({"enable_thinking": False}, OFF),
        ({"thinking": {"type": "disabled"}}, OFF),
        ({"thinking": {"type": "enabled", "budget_tokens": 100}}, ON),
        ({"thinking": {"type": "adaptive"}, "enable_thinking": False}, OFF),
        ({"enable_thinking": True, "chat_template_kwargs": {"thinking": False}}, {**ON, "thinking": False}),
    ],
)
def test_wishes_for_reasoning_become_template_variables(
    fields: dict[str, object], variables: dict[str, object]
) -> None:
    assert read(**fields).template_variables == variables


def test_earlier_reasoning_is_read_under_both_names() -> None:
    for name in ("reasoning", "reasoning_content"):
        messages = [{"role": "assistant", "content": "a", name: "because"}]
        assert read(messages=messages).messages[0].reasoning == "because"
