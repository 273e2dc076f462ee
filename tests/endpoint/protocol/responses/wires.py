"""Responses and their events as three readers see them: OpenAI's own types, openresponses-types, and ours."""

from __future__ import annotations

import json
from typing import Any

import openresponses_types.types as open_types
from openai.types.responses import Response as OpenAIResponse
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from endpoint.protocol.responses.schemas import Response

_OPENAI_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
# The published specification has no custom tools and no namespaces, and its type of text.format's schema is null.
_UNKNOWN_KINDS = ("custom", "namespace", "custom_tool_call")
_OPEN_EVENTS: dict[str, type[BaseModel]] = {
    "response.created": open_types.ResponseCreatedStreamingEvent,
    "response.in_progress": open_types.ResponseInProgressStreamingEvent,
    "response.completed": open_types.ResponseCompletedStreamingEvent,
    "response.incomplete": open_types.ResponseIncompleteStreamingEvent,
    "response.failed": open_types.ResponseFailedStreamingEvent,
    "response.output_item.added": open_types.ResponseOutputItemAddedStreamingEvent,
    "response.output_item.done": open_types.ResponseOutputItemDoneStreamingEvent,
    "response.content_part.added": open_types.ResponseContentPartAddedStreamingEvent,
    "response.content_part.done": open_types.ResponseContentPartDoneStreamingEvent,
    "response.output_text.delta": open_types.ResponseOutputTextDeltaStreamingEvent,
    "response.output_text.done": open_types.ResponseOutputTextDoneStreamingEvent,
    "response.function_call_arguments.delta": open_types.ResponseFunctionCallArgumentsDeltaStreamingEvent,
    "response.function_call_arguments.done": open_types.ResponseFunctionCallArgumentsDoneStreamingEvent,
}
# Beyond the published specification, or named otherwise there ("response.reasoning.delta"): OpenAI's client knows them.
_OPENAI_ONLY = {
    "error",
    "response.reasoning_text.delta",
    "response.reasoning_text.done",
    "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done",
}


def _for_open_types(body: dict[str, Any]) -> dict[str, Any]:
    """What the published specification can describe of a response."""
    output = [item for item in body["output"] if item["type"] not in _UNKNOWN_KINDS]
    tools = [tool for tool in body["tools"] if tool["type"] not in _UNKNOWN_KINDS]
    text = {**body["text"], "format": {**body["text"]["format"], "schema": None}}
    choice = body["tool_choice"]
    known = "auto" if isinstance(choice, dict) and choice["type"] in _UNKNOWN_KINDS else choice
    return {**body, "output": output, "tools": tools, "text": text, "tool_choice": known}


def check_response(body: dict[str, Any]) -> Response:
    """A whole response, held against all three; as ours."""
    text = json.dumps(body)
    OpenAIResponse.model_validate_json(text, strict=True)
    open_types.ResponseResource.model_validate_json(json.dumps(_for_open_types(body)), strict=True)
    return Response.model_validate_json(text)


def check_event(event: dict[str, Any]) -> None:
    """An event of a stream, held against those that know it."""
    parsed = _OPENAI_EVENT.validate_json(json.dumps(event), strict=True)
    assert parsed.type == event["type"]
    if event["type"] in _OPENAI_ONLY:
        return
    if "response" in event:
        check_response(event["response"])
        event = {**event, "response": _for_open_types(event["response"])}
    if event.get("item", {}).get("type") not in _UNKNOWN_KINDS:
        _OPEN_EVENTS[event["type"]].model_validate_json(json.dumps(event), strict=True)


def read_frames(frames: bytes | str) -> list[dict[str, Any]]:
    """A stream's events in order, each checked; their numbers count up, their names are their types'."""
    text = frames if isinstance(frames, str) else frames.decode()
    assert text.endswith("\n\n")
    blocks = [block for block in text.removesuffix("\n\n").split("\n\n") if not block.startswith(":")]
    events = []
    for number, block in enumerate(blocks):
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
        check_event(event)
        events.append(event)
    return events
