"""Responses on their way out, whole and as events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from endpoint.engine.stream import Usage
from endpoint.errors import GenerationFailed
from endpoint.protocol.reply import Choice, Ending, Written
from endpoint.protocol.responses.output import OutputWriter
from endpoint.protocol.responses.reply import ResponsesReply
from endpoint.protocol.responses.request import read_responses_request, read_tools
from endpoint.protocol.responses.resource import start_response
from endpoint.protocol.responses.schemas import Response
from endpoint.protocol.sampling import DEFAULT_SAMPLING
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment
from tests.endpoint.protocol.responses.wires import check_response, read_frames

USAGE = Usage(prompt_tokens=7, completion_tokens=3, cached_tokens=5)
STOPPED = Ending("stop", USAGE, reasoning_tokens=2)
CUT = Ending("length", USAGE)
TOOLS = [
    {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": True},
    {"type": "custom", "name": "apply_patch", "description": "Edits files."},
    {"type": "namespace", "name": "crm", "description": "Customers.", "tools": [{"type": "function", "name": "find"}]},
]
CALL: list[Segment] = [CallStart(0, "weather"), CallArguments(0, '{"city":'), CallArguments(0, '"Rome"}'), CallEnd(0)]
TURN: list[Segment] = [Reasoning("Hm"), Reasoning("m."), Content("Let me"), Content(" see."), *CALL]


def make(fields: Mapping[str, object], kept: list[Any] | None = None) -> ResponsesReply:
    wire = read_responses_request(json.dumps({"input": "Hi", "tools": TOOLS, **fields}).encode())
    toolbox = read_tools(wire)
    seals = "reasoning.encrypted_content" in (wire.include or ())
    started = start_response(wire, toolbox, wire.generation(None, DEFAULT_SAMPLING).sampling, "model", 1_700_000_000)
    keep = [] if kept is None else kept
    return ResponsesReply(started, OutputWriter(toolbox.callees, seals=seals), keep.append, lambda: 1_700_000_009.5)


def whole(segments: Sequence[Segment], ending: Ending = STOPPED, **fields: object) -> Response:
    body = make(fields).whole([Choice(Written(segments), ending)])
    return check_response(json.loads(json.dumps(body)))


def stream(segments: Sequence[Segment], ending: Ending = STOPPED, **fields: object) -> list[dict[str, Any]]:
    reply = make(fields)
    frames = reply.opening()
    for segment in segments:
        frames += reply.write(0, Written([segment]))
    return read_frames(frames + reply.end(0, ending) + reply.close([ending]))


def kinds(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def test_a_whole_response_has_its_items_in_the_order_written() -> None:
    response = whole(TURN)
    assert (response.status, response.completed_at, response.created_at) == ("completed", 1_700_000_009, 1_700_000_000)
    thought, said, call = response.output
    assert thought.type == "reasoning"
    assert [part.text for part in thought.content] == ["Hmm."]
    assert said.type == "message"
    assert [part.text for part in said.content] == ["Let me see."]
    assert call.type == "function_call"
    assert (call.name, call.arguments, call.status) == ("weather", '{"city":"Rome"}', "completed")
    assert response.usage is not None
    assert response.usage.model_dump() == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 10,
    }


def test_a_stream_tells_each_items_life_in_order() -> None:
    reply = make({})
    frames = reply.opening() + reply.write(0, Written(TURN)) + reply.end(0, STOPPED) + reply.close([STOPPED])
    text = ["content_part.done", "output_item.done", "output_item.added"]
    assert kinds(read_frames(frames)) == [
        *("created", "in_progress", "output_item.added", "content_part.added"),
        *("reasoning_text.delta", "reasoning_text.delta", "reasoning_text.done", *text, "content_part.added"),
        *("output_text.delta", "output_text.delta", "output_text.done", *text),
        *("function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.done"),
        *("output_item.done", "completed"),
    ]


def test_the_last_event_holds_what_the_items_events_told() -> None:
    events = stream(TURN)
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert events[-1]["response"]["output"] == done
    assert [event["output_index"] for event in events if event["type"] == "response.output_item.added"] == [0, 1, 2]


def test_a_cut_off_answer_is_incomplete_and_so_is_its_last_item() -> None:
    response = whole([Reasoning("Hm."), Content("Let")], CUT)
    assert (response.status, response.completed_at) == ("incomplete", None)
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert [item.status for item in response.output] == ["completed", "incomplete"]
    events = stream([CallStart(0, "weather"), CallArguments(0, '{"city": "Ro'), CallEnd(0)], CUT)
    assert kinds(events)[-2:] == ["output_item.done", "incomplete"]
    assert events[-2]["item"]["status"] == "incomplete"


def test_a_custom_tools_text_is_taken_out_of_its_arguments() -> None:
    call: list[Segment] = [
        CallStart(0, "apply_patch"),
        CallArguments(0, '{"input": "a\\n'),
        CallArguments(0, 'b"}'),
        CallEnd(0),
    ]
    (item,) = whole(call).output
    assert item.type == "custom_tool_call"
    assert (item.name, item.input, item.status) == ("apply_patch", "a\nb", "completed")
    told = [event for event in stream(call) if "custom_tool_call_input" in event["type"]]
    assert [event.get("delta", event.get("input")) for event in told] == ["a\nb", "a\nb"]


def test_a_custom_tools_text_that_is_no_json_goes_out_as_written() -> None:
    (item,) = whole([CallStart(0, "apply_patch"), CallArguments(0, "*** Begin"), CallEnd(0)], CUT).output
    assert item.type == "custom_tool_call"
    assert (item.input, item.status) == ("*** Begin", "incomplete")


def test_half_a_surrogate_pair_in_a_custom_tools_text_is_no_error() -> None:
    (item,) = whole([CallStart(0, "apply_patch"), CallArguments(0, '{"input": "a\\ud800"}'), CallEnd(0)]).output
    assert item.type == "custom_tool_call"
    assert item.input == "a?"


def test_a_call_in_a_namespace_comes_back_under_both_its_names() -> None:
    (item,) = whole([CallStart(0, "crm__find"), CallArguments(0, "{}"), CallEnd(0)]).output
    assert item.type == "function_call"
    assert (item.namespace, item.name) == ("crm", "find")


def test_several_calls_have_ids_of_their_own() -> None:
    second: list[Segment] = [CallStart(1, "weather"), CallArguments(1, "{}"), CallEnd(1)]
    output = whole([*CALL, *second]).output
    calls = [item.call_id for item in output if item.type == "function_call"]
    assert len(set(calls)) == len(calls) == 2
    assert len({item.id for item in output}) == 2


def test_an_empty_answer_has_no_items() -> None:
    assert whole([]).output == []
    assert kinds(stream([])) == ["created", "in_progress", "completed"]


def test_a_failure_is_told_twice_as_openai_does_and_is_not_kept() -> None:
    kept: list[Any] = []
    reply = make({}, kept)
    frames = reply.opening() + reply.write(0, Written([Content("Hal")])) + reply.fail(GenerationFailed("It broke."))
    error, failed = read_frames(frames)[-2:]
    assert (error["type"], error["code"], error["message"]) == ("error", "generation_failed", "It broke.")
    assert failed["response"]["error"] == {"code": "server_error", "message": "It broke."}
    assert failed["response"]["output"][0]["content"][0]["text"] == "Hal"
    assert kept == []


def test_a_response_is_kept_as_it_was_sent() -> None:
    kept: list[Any] = []
    body = make({}, kept).whole([Choice(Written(TURN), STOPPED)])
    assert kept == [body]


def test_the_requests_wishes_are_told_back() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    response = whole(
        [Content("Hi")],
        instructions="Be brief.",
        metadata={"a": "b"},
        max_output_tokens=20,
        temperature=0.5,
        top_p=0.75,
        tool_choice={"type": "function", "name": "weather"},
        parallel_tool_calls=False,
        reasoning={"effort": "low", "summary": "auto"},
        text={"format": {"type": "json_schema", "name": "n", "schema": schema}, "verbosity": "low"},
        truncation="auto",
        store=False,
        user="me",
        prompt_cache_key="key",
    )
    assert (response.instructions, response.metadata, response.max_output_tokens) == ("Be brief.", {"a": "b"}, 20)
    assert (response.temperature, response.top_p, response.store, response.user) == (0.5, 0.75, False, "me")
    assert (response.parallel_tool_calls, response.prompt_cache_key) == (False, "key")
    assert response.reasoning == {"effort": "low", "summary": "auto"}
    assert response.text["format"]["schema"] == schema
    assert response.truncation == "disabled"
    assert [tool["type"] for tool in response.tools] == ["function", "custom", "namespace"]


def test_tools_that_are_left_out_are_not_told_back() -> None:
    assert whole([], tools=[{"type": "web_search"}]).tools == []


def test_reasoning_goes_out_sealed_only_when_asked_for() -> None:
    for include, is_sealed in (([], False), (["reasoning.encrypted_content"], True)):
        (item,) = whole([Reasoning("Hm.")], include=include).output
        assert item.type == "reasoning"
        assert (item.encrypted_content is not None) is is_sealed
