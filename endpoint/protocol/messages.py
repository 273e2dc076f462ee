"""An answer's segments as OpenAI's assistant message, whole or as a stream's deltas. Pure.

Reasoning goes out under both names that clients know: `reasoning_content` (DeepSeek, llama.cpp, vLLM) and `reasoning`
(OpenRouter, gpt-oss).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from endpoint.protocol.reply import Body
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment


def write_message(segments: Sequence[Segment]) -> Body:
    """The whole message; `content` is null beside calls when there is no text."""
    content, calls = join_content(segments), _write_calls(segments)
    message: Body = {"role": "assistant", "content": content or (None if calls else ""), "refusal": None}
    reasoning = "".join(segment.text for segment in segments if isinstance(segment, Reasoning))
    if reasoning:
        message["reasoning_content"] = message["reasoning"] = reasoning
    if calls:
        message["tool_calls"] = calls
    return message


def write_delta(segment: Segment) -> Body | None:
    """What a chunk adds to the message; None for nothing."""
    match segment:
        case Content(text):
            return {"content": text}
        case Reasoning(text):
            return {"reasoning_content": text, "reasoning": text}
        case CallStart(index, name):
            function = {"name": name, "arguments": ""}
            return {"tool_calls": [{"index": index, "id": new_call_id(), "type": "function", "function": function}]}
        case CallArguments(index, text):
            return {"tool_calls": [{"index": index, "function": {"arguments": text}}]}
        case CallEnd():
            return None


def join_content(segments: Sequence[Segment]) -> str:
    """The text for the reader."""
    return "".join(segment.text for segment in segments if isinstance(segment, Content))


def new_call_id() -> str:
    """A call's id: unique."""
    return f"call_{uuid.uuid4().hex[:24]}"


def _write_calls(segments: Sequence[Segment]) -> list[Body]:
    arguments: dict[int, str] = {}
    for segment in segments:
        if isinstance(segment, CallArguments):
            arguments[segment.index] = arguments.get(segment.index, "") + segment.text
    return [
        {
            "id": new_call_id(),
            "type": "function",
            "function": {"name": segment.name, "arguments": arguments.get(segment.index, "")},
        }
        for segment in segments
        if isinstance(segment, CallStart)
    ]
