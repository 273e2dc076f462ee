"""Tools and reasoning over HTTP. The fake model answers with what the user says, in the format of its template."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionToolParam

from endpoint.protocol.schemas import ChatCompletion
from tests.endpoint.routes.echoing import CALL, load_saying
from tests.endpoint.routes.events import join_deltas, read_events
from tests.endpoint.serving import Served, serving

TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(load_saying) as running:
        yield running


def ask(served: Served, text: str, **fields: object) -> ChatCompletion:
    response = served.chat(text, **{"tools": [TOOL], **fields})
    assert response.status_code == 200, response.text
    return ChatCompletion.model_validate(response.json())


def test_a_call_is_in_the_message_and_ends_it(served: Served) -> None:
    choice = ask(served, f"<think>Hm.</think>Let me see.\n{CALL}").choices[0]
    assert choice.finish_reason == "tool_calls"
    assert (choice.message.content, choice.message.reasoning_content) == ("Let me see.", "Hm.")
    calls = choice.message.tool_calls or []
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("weather", {"city": "Rome"})
    ]
    assert calls[0].id.startswith("call_")


def test_without_tools_a_call_is_text(served: Served) -> None:
    for fields in ({"tools": None}, {"tool_choice": "none"}):
        choice = ask(served, CALL, **fields).choices[0]
        assert (choice.message.content, choice.message.tool_calls, choice.finish_reason) == (CALL, None, "stop")


def test_a_stream_brings_index_id_and_name_first_then_arguments(served: Served) -> None:
    events = read_events(served.chat(f"Wait.\n{CALL}\n{CALL}", tools=[TOOL], stream=True))
    deltas = [call for event in events[:-1] for call in event["choices"][0]["delta"].get("tool_calls", [])]
    arguments = {0: "", 1: ""}
    for delta in deltas:
        arguments[delta["index"]] += delta["function"]["arguments"]
    assert {index: json.loads(text) for index, text in arguments.items()} == {
        0: {"city": "Rome"},
        1: {"city": "Rome"},
    }
    opened = [delta for delta in deltas if "id" in delta]
    assert [delta["function"]["name"] for delta in opened] == ["weather", "weather"]
    assert len(deltas) > 10  # a byte at a time, as the fake model writes
    assert join_deltas(events) == "Wait."
    assert events[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_reasoning_is_apart_and_counted(served: Served) -> None:
    reply = ask(served, "Because.</think>Yes.", thinking={"type": "enabled"}, tools=None)
    message = reply.choices[0].message
    assert (message.content, message.reasoning_content, message.reasoning) == ("Yes.", "Because.", "Because.")
    assert reply.usage.completion_tokens_details.reasoning_tokens == len("Because.</think>")  # a token a byte


def test_reasoning_streams_apart(served: Served) -> None:
    events = read_events(served.chat("<think>a b</think>c", stream=True))
    deltas = [event["choices"][0]["delta"] for event in events[:-1]]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "a b"
    assert join_deltas(events) == "c"


def test_only_the_first_call_is_told_when_parallel_calls_are_forbidden(served: Served) -> None:
    text = f"{CALL}\n{CALL} and so on"
    choice = ask(served, text, parallel_tool_calls=False).choices[0]
    assert len(choice.message.tool_calls or []) == 1
    assert choice.message.content is None
    events = read_events(served.chat(text, tools=[TOOL], parallel_tool_calls=False, stream=True))
    deltas = [call for event in events[:-1] for call in event["choices"][0]["delta"].get("tool_calls", [])]
    assert {delta["index"] for delta in deltas} == {0}


def test_a_call_that_the_limit_cuts_off_ends_with_length(served: Served) -> None:
    choice = ask(served, CALL, max_tokens=CALL.index('me"}')).choices[0]
    assert choice.finish_reason == "length"
    assert [call.function.arguments for call in choice.message.tool_calls or []] == ['{"city": "Ro']


BAD = (
    '<tool_call>{"name": "weather", "arguments": {"city": }}',
    '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"\\ud800\\"}"}</tool_call>',
    '<tool_call>{"name": "weather", "arguments": "\\ud800"}</tool_call>',
    "<tool_call>{{{",
)


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("stream", [False, True])
def test_bad_calls_are_no_errors(served: Served, text: str, stream: bool) -> None:
    response = served.chat(text, tools=[TOOL], stream=stream)
    assert response.status_code == 200
    assert "error" not in response.text


def test_results_go_back_into_the_conversation(served: Served) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": "Hm."},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "user", "content": "Thanks."},
    ]
    response = served.client.post("/v1/chat/completions", json={"messages": messages, "tools": [TOOL]})
    assert response.json()["choices"][0]["message"]["content"] == "Thanks."


def test_arguments_nested_beyond_all_sense_are_no_5xx(served: Served) -> None:
    function = {"name": "weather", "arguments": '{"a":' * 900 + "1" + "}" * 900}
    messages = [
        {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": function}]},
        {"role": "user", "content": "Thanks."},
    ]
    assert served.client.post("/v1/chat/completions", json={"messages": messages}).status_code in {200, 400}


def test_openais_client_puts_a_streamed_call_together(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=20) as client:
        messages = [{"role": "user", "content": CALL}]
        with client.chat.completions.stream(
            model="any",
            messages=messages,  # type: ignore[arg-type]  # a plain dict is what users write
            tools=[TOOL],
        ) as stream:
            final = stream.get_final_completion()
    assert final.choices[0].finish_reason == "tool_calls"
    calls = final.choices[0].message.tool_calls or []
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("weather", {"city": "Rome"})
    ]


def test_one_call_at_most_ends_the_generation_and_not_just_what_is_shown() -> None:
    text = f"{CALL}\n" + "never read " * 100
    with serving(functools.partial(load_saying, step_s=0.002)) as served:
        reply = ask(served, text, parallel_tool_calls=False)
    (call,) = reply.choices[0].message.tool_calls or []
    assert (reply.choices[0].finish_reason, json.loads(call.function.arguments)) == ("tool_calls", {"city": "Rome"})
    assert reply.usage.completion_tokens < len(text) / 2


def test_reasoning_tokens_are_those_that_were_drawn(served: Served) -> None:
    usage = ask(served, "<think>Hm.</think>Yes.").usage  # a token a byte
    assert usage.completion_tokens_details.reasoning_tokens == len("Hm.</think>")
    usage = ask(served, "Yes.").usage
    assert usage.completion_tokens_details.reasoning_tokens == 0


def test_reasoning_ends_when_its_budget_is_used_up(served: Served) -> None:
    text = "<think>" + "so on " * 20
    for field, sent in (("thinking_budget", text), ("thinking", text.removeprefix("<think>"))):
        budget = 12 if field == "thinking_budget" else {"type": "enabled", "budget_tokens": 12}
        reply = ask(served, sent, tools=None, **{field: budget})
        message = reply.choices[0].message
        assert (message.reasoning, (message.content or "")[-5:]) == ("so on so on", "so on")
        assert reply.usage.completion_tokens_details.reasoning_tokens - 12 - len("</think>") in {0, 1}  # a blank


def test_a_budget_is_nothing_to_an_answer_without_reasoning(served: Served) -> None:
    assert ask(served, "Yes, of course.", thinking_budget=2).choices[0].message.content == "Yes, of course."
    assert ask(served, "<think>Hm.</think>Yes.", thinking_budget=-1).choices[0].message.reasoning == "Hm."
