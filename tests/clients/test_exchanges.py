"""What is read out of an exchange, in the words of all three APIs."""

from __future__ import annotations

import json

import pytest

from tests.clients.exchanges import Exchange, Usage

STREAM = "text/event-stream; charset=utf-8"
CHAT = "/v1/chat/completions"


def exchange(answer: object, target: str = CHAT, status: int = 200, asked: object = None) -> Exchange:
    request = json.dumps(asked or {}).encode()
    return Exchange("POST", target, request, status, "application/json", json.dumps(answer).encode())


def stream(*payloads: object, target: str = CHAT, asked: object = None) -> Exchange:
    lines = [payload if isinstance(payload, str) else json.dumps(payload) for payload in payloads]
    answer = ": keep-alive\n\n" + "".join(f"event: x\ndata: {line}\n\n" for line in lines)
    return Exchange("POST", target, json.dumps(asked or {}).encode(), 200, STREAM, answer.encode())


USED = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}


@pytest.mark.parametrize(
    ("seen", "usage"),
    [
        (exchange({"usage": USED}), Usage(9, 2, 4)),
        (stream({"choices": []}, {"usage": USED}, "[DONE]"), Usage(9, 2, 4)),
        (stream({"choices": [], "usage": None}, "[DONE]"), None),
        (
            stream(
                {"type": "response.created", "response": {"usage": None}},
                {
                    "type": "response.completed",
                    "response": {
                        "usage": {
                            "input_tokens": 9,
                            "output_tokens": 2,
                            "input_tokens_details": {"cached_tokens": 4},
                        }
                    },
                },
                target="/v1/responses",
            ),
            Usage(9, 2, 4),
        ),
        (
            stream(
                {"message": {"usage": {"input_tokens": 5, "output_tokens": 0, "cache_read_input_tokens": 4}}},
                {"type": "message_delta", "usage": {"output_tokens": 2}},
                {"type": "message_stop"},
                target="/v1/messages?beta=true",
            ),
            Usage(9, 2, 4),
        ),
    ],
)
def test_usage_is_read_in_the_words_of_each_api(seen: Exchange, usage: Usage | None) -> None:
    assert seen.generates
    assert seen.usage == usage
    assert seen.problem is None


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (exchange({"error": "no"}, status=400), "answered 400"),
        (stream({"error": {"message": "no"}}, "[DONE]"), "failed in its stream"),
        (stream({"choices": []}), "left before its stream's end"),
        (stream({"type": "response.created"}, target="/v1/responses"), "left before its stream's end"),
    ],
)
def test_what_went_wrong_is_told(seen: Exchange, told: str) -> None:
    assert told in str(seen.problem)


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "apples"}]},
        {"input": [{"type": "message"}, {"type": "function_call_output", "output": "apples"}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}, {"type": "tool_result", "content": "apples"}]}]},
    ],
)
def test_a_tool_s_result_is_found_in_a_request_of_each_api(asked: object) -> None:
    (result,) = exchange({}, asked=asked).tool_results
    assert "apples" in result.values()


def test_other_requests_have_no_tool_s_results() -> None:
    for asked in ({"messages": [{"role": "user", "content": "apples"}]}, {"input": "apples"}, {"prompt": "apples"}):
        assert exchange({}, asked=asked).tool_results == []


def test_only_a_chat_stream_has_to_ask_for_its_usage() -> None:
    assert exchange({}).wants_usage
    assert not stream("[DONE]").wants_usage
    assert stream("[DONE]", asked={"stream_options": {"include_usage": True}}).wants_usage
    assert stream({"type": "message_stop"}, target="/v1/messages").wants_usage
