"""Tools, calls and results as plain text of a conversation, for templates that don't know them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.text.tools.formats import CallStyle, Origin, ToolFormat
from endpoint.text.tools.values import to_json

_INTRODUCTION = "You can call these functions, given as JSON, one a line:"
_INSTRUCTION = "To call one, answer with a block like this, and with one block for each call when there are several:"


def describe_tools(tools: Sequence[Mapping[str, object]], example: str) -> str:
    """What the model has to know to call them; `example` is a call as it should write it."""
    lines = "\n".join(json.dumps(tool.get("function", tool), ensure_ascii=False) for tool in tools)
    return f"{_INTRODUCTION}\n{lines}\n\n{_INSTRUCTION}\n{example}"


def write_call(form: ToolFormat, name: str, arguments: Mapping[str, object]) -> str:
    """One call as the model writes it, for the two styles whose calls some templates leave out."""
    start = form.section_start + next(iter(form.call_starts), "")
    end = form.call_end + form.section_end
    if form.style is CallStyle.PYTHON:
        inner = ", ".join(f"{key}={_to_python(value)}" for key, value in arguments.items())
        return f"{start}[{name}({inner})]{end}"
    body = to_json({form.name_key: name, form.arguments_key: dict(arguments)})
    return f"{start}\n{body if form.call_starts else f'[{body}]'}\n{end}"


def _to_python(value: object) -> str:
    return repr(value) if isinstance(value, str | bool | None) else to_json(value)


def write_calls(messages: Sequence[Message], form: ToolFormat) -> list[Message]:
    """Calls as what the assistant said, and, for a format of ours, results as what the user said."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    return [_write_message(message, form, names) for message in messages]


def _write_message(message: Message, form: ToolFormat, names: Mapping[str, str]) -> Message:
    if message.tool_calls:
        calls = (TextPart(write_call(form, call.name, _load(call))) for call in message.tool_calls)
        return replace(message, parts=(*message.parts, *calls), tool_calls=())
    if message.role is Role.TOOL and form.origin is Origin.FALLBACK:  # others have the role
        name = names.get(message.tool_call_id or "", message.name or "the function")
        return Message(Role.USER, (TextPart(f"Result of {name}:"), *message.parts))
    return message


def _load(call: ToolCall) -> Mapping[str, object]:
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}
