"""Bodies of /v1/responses as chat requests."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, OutputFormat, OutputKind, ToolChoice
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.responses.items import Item, read_items, seal_reasoning
from endpoint.protocol.responses.request import read_responses_request, read_tools, write_chat_request
from endpoint.protocol.sampling import DEFAULT_SAMPLING

WEATHER = {"type": "function", "name": "weather", "description": "Tells it.", "parameters": {"type": "object"}}
PATCH = {"type": "custom", "name": "apply_patch", "description": "Edits."}


def read_with(kept: Mapping[str, Item], fields: Mapping[str, object]) -> ChatRequest:
    wire = read_responses_request(json.dumps({"input": "Hi", **fields}).encode())
    items = read_items(wire.input or (), dict(kept).get)
    return write_chat_request(wire, read_tools(wire), items, DEFAULT_SAMPLING)


def read(**fields: object) -> ChatRequest:
    return read_with({}, fields)


def messages(*items: object) -> list[Message]:
    return list(read(input=list(items)).messages)


def refusal(**fields: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    return caught.value


def text(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def test_a_string_is_a_users_message_after_the_instructions() -> None:
    said = [(message.role, text(message)) for message in read(instructions="Be brief.").messages]
    assert said == [(Role.SYSTEM, "Be brief."), (Role.USER, "Hi")]


def test_messages_come_with_or_without_a_type_and_in_every_role() -> None:
    roles = ("system", "developer", "user", "assistant")
    found = messages(
        *({"role": role, "content": role} for role in roles),
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    )
    assert [message.role.value for message in found] == [*roles, "user", "assistant"]
    assert [text(message) for message in found] == [*roles, "a", "No."]


def test_what_the_assistant_wrote_in_a_turn_is_one_message() -> None:
    (said,) = messages(
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Let me see."}]},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "a\nb"},
    )
    assert (said.role, said.reasoning, text(said)) == (Role.ASSISTANT, "Hm.", "Let me see.")
    assert [(call.id, call.name, call.arguments) for call in said.tool_calls] == [
        ("c1", "weather", "{}"),
        ("c2", "apply_patch", '{"input":"a\\nb"}'),
    ]


def test_a_new_thought_or_text_after_a_call_is_a_new_message() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    found = messages(call, {"role": "assistant", "content": "So."}, {"role": "assistant", "content": "On."}, thought)
    assert [(len(message.tool_calls), text(message), message.reasoning) for message in found] == [
        (1, "", None),
        (0, "So.", None),
        (0, "On.", None),
        (0, "", "Hm."),
    ]


def test_results_carry_the_calls_id_as_text_or_parts() -> None:
    found = messages(
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "done"}]},
    )
    assert [(message.role, message.tool_call_id, text(message)) for message in found] == [
        (Role.TOOL, "c1", "sunny"),
        (Role.TOOL, "c2", "done"),
    ]


def test_sealed_reasoning_comes_back_and_other_peoples_is_ignored() -> None:
    for sealed, reasoning in ((seal_reasoning("Hm…"), "Hm…"), ("gAAAAA", None), ("traypoint.reasoning.1:?", None)):
        found = messages({"role": "user", "content": "x"}, {"type": "reasoning", "encrypted_content": sealed})
        assert [message.reasoning for message in found[1:]] == ([] if reasoning is None else [reasoning])


def test_a_reference_is_the_item_that_is_kept() -> None:
    kept: Item = {"type": "message", "id": "msg_1", "role": "user", "content": [{"type": "input_text", "text": "old"}]}
    fields = {"input": [{"type": "item_reference", "id": "msg_1"}]}
    found = read_with({"msg_1": kept}, fields).messages
    assert [text(message) for message in found] == ["old"]
    error = refusal(input=[{"type": "item_reference", "id": "msg_2"}])
    assert (error.param, error.code) == ("input[0].id", "item_not_found")


def test_items_are_filled_in_and_keep_their_ids() -> None:
    wire = read_responses_request(
        b'{"input": [{"role": "user", "content": "a", "id": "mine"}, {"role": "user", "content": "b"}]}'
    )
    first, second = read_items(wire.input or (), lambda _: None)
    assert first["id"] == "mine"
    assert str(second["id"]).startswith("msg_")
    assert first["content"] == [{"type": "input_text", "text": "a"}]


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({}, "input[0].type"),
        ({"type": "computer_call"}, "input[0].type"),
        ({"role": "user"}, "input[0].content"),
        ({"role": "tool", "content": "x"}, "input[0].role"),
        ({"type": "message", "content": "x"}, "input[0].role"),
        ({"type": "function_call", "call_id": "c"}, "input[0].name"),
        ({"type": "function_call_output", "call_id": "c"}, "input[0].output"),
        ({"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}, "input[0].content[0]"),
        ({"role": "user", "content": [{"type": "input_text"}]}, "input[0].content[0].text"),
        (
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_file"}]},
            "input[0].output[0]",
        ),
        ({"type": "reasoning", "summary": [{"type": "summary_text"}]}, "input[0].summary[0].text"),
    ],
)
def test_an_item_that_cant_be_used_is_named(item: object, param: str) -> None:
    assert refusal(input=[item]).param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"n": 2}, "n"),
        ({"truncation": "middle"}, "truncation"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "name": "nobody"}, "tools": [WEATHER]}, "tool_choice"),
        ({"tool_choice": {"type": "web_search"}, "tools": [{"type": "web_search"}]}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "tools": []}, "tools": [WEATHER]}, "tool_choice"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [WEATHER, WEATHER]}, "tools[1].name"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}]}, "tools[0].tools[0].name"),
    ],
)
def test_a_field_that_cant_be_served_is_named(fields: dict[str, object], param: str) -> None:
    assert refusal(**fields).param == param


def test_what_changes_nothing_is_accepted() -> None:
    read(
        store=False,
        truncation="auto",
        include=["reasoning.encrypted_content"],
        stream_options={"include_obfuscation": False},
        service_tier="flex",
        client_metadata={"a": "b"},
        text={"verbosity": "low", "format": {"type": "text"}},
        top_logprobs=0,
        background=False,
        max_tool_calls=3,
    )


def test_functions_custom_tools_and_namespaces_are_offered_and_others_left_out() -> None:
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /a+/"}
    inside = [{"type": "function", "name": "find"}, {"type": "custom", "name": "note"}]
    tools = read(
        tools=[
            WEATHER,
            {**PATCH, "format": grammar},
            {"type": "namespace", "name": "mcp__crm__", "tools": inside},
            {"type": "web_search"},
            {"type": "local_shell"},
        ]
    ).tools
    assert [tool.name for tool in tools] == ["weather", "apply_patch", "mcp__crm__find", "mcp__crm__note"]
    assert tools[1].description == "Edits.\n\nThe input must match this lark grammar:\nstart: /a+/"
    assert tools[1].parameters["required"] == ["input"]


def test_a_call_in_a_namespace_goes_back_under_the_models_name() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "find", "namespace": "crm", "arguments": "{}"}
    assert [call.name for message in messages(call) for call in message.tool_calls] == ["crm__find"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, AUTO),
        ("auto", AUTO),
        ("required", ToolChoice(must_call=True)),
        ({"type": "function", "name": "weather"}, ToolChoice(must_call=True, only=("weather",))),
        ({"type": "custom", "name": "apply_patch"}, ToolChoice(must_call=True, only=("apply_patch",))),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "weather"}]},
            ToolChoice(only=("weather",)),
        ),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "weather"}]},
            ToolChoice(must_call=True, only=("weather",)),
        ),
    ],
)
def test_the_choice_of_tools(choice: object, expected: ToolChoice) -> None:
    assert read(tools=[WEATHER, PATCH], tool_choice=choice).tool_choice == expected


def test_tools_that_are_not_allowed_are_not_offered() -> None:
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "apply_patch"}]}
    assert [tool.name for tool in read(tools=[WEATHER, PATCH], tool_choice=choice).tools] == ["apply_patch"]


def test_with_the_choice_none_no_tools_are_offered() -> None:
    assert read(tools=[WEATHER], tool_choice="none").tools == ()


def test_limits_sampling_and_effort_are_handed_on() -> None:
    request = read(max_output_tokens=5, temperature=0, top_p=1, reasoning={"effort": "low"}, parallel_tool_calls=False)
    assert request.generation.max_tokens == 5
    assert (request.generation.sampling.temperature, request.generation.sampling.top_p) == (0, 1)
    assert request.template_variables == {"reasoning_effort": "low"}
    assert request.parallel_calls is False


def test_text_formats_become_the_answers_form() -> None:
    schema = {"type": "object"}
    assert read(text={"format": {"type": "text"}}).generation.output is None
    wished = read(text={"format": {"type": "json_object"}}).generation.output
    assert wished == OutputFormat(OutputKind.JSON_OBJECT, "text.format")
    wished = read(text={"format": {"type": "json_schema", "name": "n", "schema": schema}}).generation.output
    assert wished == OutputFormat(OutputKind.JSON_SCHEMA, "text.format.schema", schema)
