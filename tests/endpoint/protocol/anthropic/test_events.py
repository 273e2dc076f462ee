from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from endpoint.engine.stream import Usage
from endpoint.errors import GenerationFailed
from endpoint.protocol.anthropic.events import Heading, MessageReply
from endpoint.protocol.anthropic.schemas import MessageAnswer
from endpoint.protocol.reply import Choice, Ending, Written
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment

USAGE = Usage(prompt_tokens=7, completion_tokens=3, cached_tokens=5)
STOPPED = Ending("stop", USAGE)
EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
ANSWER: list[Segment] = [
    Reasoning("Which "),
    Reasoning("city?"),
    Content("Let me "),
    Content("see."),
    CallStart(0, "weather"),
    CallArguments(0, '{"city":'),
    CallArguments(0, '"Rome"}'),
    CallEnd(0),
    CallStart(1, "now"),
    CallEnd(1),
    Content("Done."),
]


def reply(max_tokens: int | None = 3) -> MessageReply:
    return MessageReply(Heading("model", 7, max_tokens, "req_1"))


def whole(segments: Sequence[Segment], ending: Ending = STOPPED, max_tokens: int | None = 3) -> Message:
    body = json.loads(orjson.dumps(reply(max_tokens).whole([Choice(Written(segments), ending)])))
    MessageAnswer.model_validate(body)
    return Message.model_validate(body, strict=True)


def parse(frames: bytes) -> list[dict[str, Any]]:
    """The events' data; each event's name is its type."""
    events = []
    for frame in frames.removesuffix(b"\n\n").split(b"\n\n"):
        name, data = frame.split(b"\n")
        events.append(json.loads(data.removeprefix(b"data: ")))
        assert name.decode() == f"event: {events[-1]['type']}"
    return events


def stream(segments: Sequence[Segment], ending: Ending = STOPPED) -> list[dict[str, Any]]:
    made = reply()
    frames = made.opening() + b"".join(made.write(0, Written([segment])) for segment in segments)
    return parse(frames + made.end(0, ending) + made.close([ending]))


def test_a_whole_answer_is_anthropic_s_and_ours() -> None:
    message = whole(ANSWER, Ending("tool_calls", USAGE, reasoning_tokens=2))
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use", "tool_use", "text"]
    thought, text, call, empty, last = (block.model_dump() for block in message.content)
    assert (thought["thinking"], text["text"], last["text"]) == ("Which city?", "Let me see.", "Done.")
    assert (call["name"], call["input"], empty["input"]) == ("weather", {"city": "Rome"}, {})
    assert call["id"].startswith("toolu_")
    assert call["id"] != empty["id"]
    assert message.id.startswith("msg_")
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens_details is not None
    assert message.usage.output_tokens_details.thinking_tokens == 2


def test_the_input_tokens_add_up_to_the_prompt_s() -> None:
    usage = whole([Content("Hi")]).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (2, 5, 0)
    assert usage.output_tokens == 3


def test_an_empty_answer_has_no_blocks() -> None:
    assert whole([]).content == []
    kinds = [event["type"] for event in stream([])]
    assert kinds == ["message_start", "ping", "message_delta", "message_stop"]


@pytest.mark.parametrize(
    ("ending", "max_tokens", "reason", "stop"),
    [
        (STOPPED, 3, "end_turn", None),
        (Ending("stop", USAGE, stop="###"), 3, "stop_sequence", "###"),
        (Ending("length", USAGE), 3, "max_tokens", None),
        (Ending("length", USAGE), 4, "model_context_window_exceeded", None),
        (Ending("tool_calls", USAGE), 9, "tool_use", None),
    ],
)
def test_the_reasons_are_anthropic_s(ending: Ending, max_tokens: int, reason: str, stop: str | None) -> None:
    message = whole([Content("Hi")], ending, max_tokens)
    assert (message.stop_reason, message.stop_sequence) == (reason, stop)


def test_every_event_is_anthropic_s() -> None:
    for event in stream(ANSWER):
        if event["type"] != "ping":  # its client's types leave it out
            EVENT.validate_python(event, strict=True)


def test_blocks_follow_one_another_with_their_indexes() -> None:
    bounds = [
        (event["type"].removeprefix("content_block_"), event["index"])
        for event in stream(ANSWER)
        if event["type"] in {"content_block_start", "content_block_stop"}
    ]
    assert bounds == [(bound, index) for index in range(5) for bound in ("start", "stop")]


def test_deltas_are_of_their_block_s_kind() -> None:
    deltas = [(event["index"], event["delta"]) for event in stream(ANSWER) if event["type"] == "content_block_delta"]
    assert [(index, delta["type"]) for index, delta in deltas] == [
        (0, "thinking_delta"),
        (0, "thinking_delta"),
        (0, "signature_delta"),
        (1, "text_delta"),
        (1, "text_delta"),
        (2, "input_json_delta"),
        (2, "input_json_delta"),
        (4, "text_delta"),
    ]
    assert "".join(delta.get("partial_json", "") for _, delta in deltas) == '{"city":"Rome"}'


def test_a_block_that_the_end_cuts_off_is_closed() -> None:
    events = stream(ANSWER[:6], Ending("length", USAGE))
    assert [event["type"] for event in events[-3:]] == ["content_block_stop", "message_delta", "message_stop"]
    assert events[-2]["delta"] == {"stop_reason": "max_tokens", "stop_sequence": None}


def test_the_counts_are_guessed_first_and_true_at_the_end() -> None:
    events = stream([Content("Hi")])
    first, last = events[0]["message"]["usage"], events[-2]["usage"]
    assert (first["input_tokens"], first["cache_read_input_tokens"], first["output_tokens"]) == (7, 0, 0)
    assert (last["input_tokens"], last["cache_read_input_tokens"], last["output_tokens"]) == (2, 5, 3)


def test_a_failure_is_an_event() -> None:
    (event,) = parse(reply().fail(GenerationFailed("It broke.")))
    assert event == {
        "type": "error",
        "error": {"type": "api_error", "message": "It broke."},
        "request_id": "req_1",
    }
