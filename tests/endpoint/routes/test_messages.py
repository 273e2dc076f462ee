"""Anthropic's API through its own client. The fake model answers with what the user says, in its template's format."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import anthropic
import pytest
from anthropic.types import Message, MessageParam, ToolParam

from endpoint.protocol.anthropic.schemas import MessageAnswer
from tests.endpoint.routes.echoing import CALL, load_saying
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

TOOL: ToolParam = {
    "name": "weather",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(load_saying) as running:
        yield running


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=served.url, api_key="any", max_retries=0, timeout=20) as made:
        yield made


def says(text: str) -> list[MessageParam]:
    return [{"role": "user", "content": text}]


def blocks(message: Message) -> list[dict[str, object]]:
    return [block.model_dump(exclude_none=True, exclude={"id", "signature"}) for block in message.content]


def test_a_whole_answer_has_text_a_reason_and_usage(served: Served) -> None:
    body = {"model": "any", "max_tokens": 50, "messages": says("hello")}
    answer = MessageAnswer.model_validate(served.client.post("/v1/messages", json=body).json())
    assert [block.model_dump() for block in answer.content] == [{"type": "text", "text": "hello"}]
    assert (answer.stop_reason, answer.stop_sequence, answer.model) == ("end_turn", None, "echo")
    assert answer.usage.output_tokens == len("hello") + 1  # a token a byte, and the end


def test_thoughts_text_and_calls_are_blocks(client: anthropic.Anthropic) -> None:
    text = f"<think>Hm.</think>Let me see.\n{CALL}"
    message = client.messages.create(model="any", max_tokens=500, messages=says(text), tools=[TOOL])
    assert blocks(message) == [
        {"type": "thinking", "thinking": "Hm."},
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "name": "weather", "input": {"city": "Rome"}},
    ]
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens_details is not None
    assert message.usage.output_tokens_details.thinking_tokens == len("Hm.</think>")


def test_a_stream_comes_together_to_the_same_message(client: anthropic.Anthropic) -> None:
    text = f"<think>Hm.</think>Let me see.\n{CALL}\n{CALL}"
    whole = client.messages.create(model="any", max_tokens=500, messages=says(text), tools=[TOOL])
    with client.messages.stream(model="any", max_tokens=500, messages=says(text), tools=[TOOL]) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_message()
    assert blocks(final) == blocks(whole)
    assert len({block.id for block in final.content if block.type == "tool_use"}) == 2
    assert (final.stop_reason, final.usage.output_tokens) == ("tool_use", whole.usage.output_tokens)
    assert events.count("input_json") > 10  # a byte at a time, as the fake model writes
    assert (events[0], events[-1]) == ("message_start", "message_stop")


def test_what_is_cached_is_told_and_adds_up(client: anthropic.Anthropic) -> None:
    def ask() -> tuple[int, int]:
        with client.messages.stream(model="any", max_tokens=5, messages=says("cached " * 40)) as stream:
            usage = stream.get_final_message().usage
        assert usage.cache_creation_input_tokens == 0
        return usage.input_tokens, usage.cache_read_input_tokens or 0

    first, second = ask(), ask()
    assert second[1] > 200
    assert sum(first) == sum(second)


def test_results_go_back_into_the_conversation(client: anthropic.Anthropic, served: Served) -> None:
    first = client.messages.create(model="any", max_tokens=500, messages=says(CALL), tools=[TOOL])
    (call,) = [block for block in first.content if block.type == "tool_use"]
    messages: list[MessageParam] = [
        *says(CALL),
        first.to_param(),
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]},
                {"type": "text", "text": "Thanks."},
            ],
        },
    ]
    second = client.messages.create(model="any", max_tokens=500, messages=messages, tools=[TOOL])
    assert blocks(second) == [{"type": "text", "text": "Thanks."}]


def test_one_call_at_most_when_several_are_forbidden(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="any",
        max_tokens=500,
        messages=says(f"{CALL}\n{CALL} and so on"),
        tools=[TOOL],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    assert blocks(message) == [{"type": "tool_use", "name": "weather", "input": {"city": "Rome"}}]


BAD = (
    '<tool_call>{"name": "weather", "arguments": {"city": }}',
    '<tool_call>{"name": "weather", "arguments": {"city": "\\ud800"}}</tool_call>',
    '<tool_call>{"name": "weather", "arguments": "Rome"}</tool_call>',
    "<tool_call>{{{",
)


@pytest.mark.parametrize("text", BAD)
def test_bad_calls_break_neither_us_nor_the_client(client: anthropic.Anthropic, text: str) -> None:
    whole = client.messages.create(model="any", max_tokens=500, messages=says(text), tools=[TOOL])
    with client.messages.stream(model="any", max_tokens=500, messages=says(text), tools=[TOOL]) as stream:
        streamed = stream.get_final_message()
    for message in (whole, streamed):
        assert all(isinstance(block.input, dict) for block in message.content if block.type == "tool_use")


def test_a_stop_sequence_is_named(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="any", max_tokens=50, messages=says("one-two-three"), stop_sequences=["four", "two"]
    )
    assert (blocks(message), message.stop_reason, message.stop_sequence) == (
        [{"type": "text", "text": "one-"}],
        "stop_sequence",
        "two",
    )


def test_the_two_limits_are_told_apart(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="any", max_tokens=3, messages=says("hello"))
    assert (blocks(message), message.stop_reason) == ([{"type": "text", "text": "hel"}], "max_tokens")
    text = "x" * 2000  # the template says it twice
    with client.messages.stream(model="any", max_tokens=4000, messages=says(text)) as stream:
        full = stream.get_final_message()
    assert full.stop_reason == "model_context_window_exceeded"
    assert full.usage.output_tokens < 200


def test_thinking_that_is_asked_for_reaches_the_template(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="any", max_tokens=100, messages=says("Because.</think>Yes."), thinking={"type": "adaptive"}
    )
    assert blocks(message) == [{"type": "thinking", "thinking": "Because."}, {"type": "text", "text": "Yes."}]


def test_counting_counts_what_the_answer_s_prompt_has(client: anthropic.Anthropic) -> None:
    counted = client.messages.count_tokens(model="any", messages=says("hello"), tools=[TOOL], system="Be brief.")
    usage = client.messages.create(
        model="any", max_tokens=1, messages=says("hello"), tools=[TOOL], system="Be brief."
    ).usage
    assert counted.input_tokens == usage.input_tokens + (usage.cache_read_input_tokens or 0)
    assert counted.input_tokens > client.messages.count_tokens(model="any", messages=says("hello")).input_tokens
    assert client.messages.count_tokens(model="any", messages=says("x" * 9000)).input_tokens > 9000  # fits or not


def claude_codes_body(question: str) -> dict[str, object]:
    """What Claude Code 2.1 sends, shortened."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"command": {"type": "string"}, "timeout": {"type": "number", "maximum": 600000}},
        "required": ["command"],
        "additionalProperties": False,
    }
    cached = {"cache_control": {"type": "ephemeral"}}
    return {
        "model": "claude-opus-4-8",
        "max_tokens": 64000,
        "stream": True,
        "metadata": {"user_id": '{"device_id":"1","session_id":"2"}'},
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.197.1c0; cc_entrypoint=cli;"},
            {"type": "text", "text": "You are a Claude agent.", **cached},
        ],
        "tools": [{"name": "Bash", "description": "Runs a command", "input_schema": schema}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "<system-reminder>\nDate\n</system-reminder>"}]},
            {"role": "system", "content": "Available agent types: none"},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]},
            {"role": "user", "content": [{"type": "text", "text": question, **cached}]},
        ],
    }


def test_claude_code_s_requests_are_served_as_they_are(served: Served) -> None:
    assert served.client.head("/").status_code == 200
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "context-management-2025-06-27"}
    body = claude_codes_body("Right.</think>Done.")
    counted = {key: value for key, value in body.items() if key not in {"max_tokens", "stream"}}
    count = served.client.post("/v1/messages/count_tokens?beta=true", json=counted, headers=headers)
    response = served.client.post("/v1/messages?beta=true", json=body, headers=headers)
    assert (count.status_code, response.status_code) == (200, 200)
    events = [json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line[:5] == "data:"]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta.get("thinking", "") for delta in deltas) == "Right."
    assert "".join(delta.get("text", "") for delta in deltas) == "Done."
    assert events[0]["message"]["usage"]["input_tokens"] == count.json()["input_tokens"]


def test_comments_while_a_stream_waits_disturb_nobody() -> None:
    settings = dataclasses.replace(FAKE, keep_alive_s=0.02)
    with (
        serving(load_fake("echo,step_ms=5", parallel=1), settings) as slow,
        anthropic.Anthropic(base_url=slow.url, api_key="any", max_retries=0, timeout=20) as client,
        client.messages.stream(model="any", max_tokens=100, messages=says("x" * 100)) as first,
    ):
        wait_until(lambda: slow.engine.health().active == 1, "the first one runs")
        with client.messages.stream(model="any", max_tokens=100, messages=says("second")) as second:
            assert second.get_final_text() == "second"  # it waited for half a second
        assert first.get_final_text() == "x" * 100
