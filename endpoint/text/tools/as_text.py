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


def describe_tools(tools: Sequence[Mapping[str, object]], form: ToolFormat) -> str:
    """What the model has to know to call them."""
    lines = "\n".join(json.dumps(tool.get("function", tool), ensure_ascii=False) for tool in tools)
    example = write_call(form, "function_name", {"argument_name": "value"})
    return f"{_INTRODUCTION}\n{lines}\n\n{_INSTRUCTION}\n{example}"


def write_call(form: ToolFormat, name: str, arguments: Mapping[str, object]) -> str:
    """One call as the model writes it."""
    start = form.section_start + next(iter(form.call_starts), "")
    end = form.call_end + form.section_end
    match form.style:
        case CallStyle.PYTHON:
            inner = ", ".join(f"{key}={_to_python(value)}" for key, value in arguments.items())
            return f"{start}[{name}({inner})]{end}"
        case CallStyle.OBJECT:
            body = to_json({form.name_key or "name": name, form.arguments_key or "arguments": dict(arguments)})
            body = body if form.call_starts else f"[{body}]"
            return f"{start}\n{body}\n{end}"
        case CallStyle.TAGGED:
            head = "" if form.head_end == form.name_end else form.head_end
            return f"{start}{form.name_start}{name}{form.name_end}{head}\n{to_json(dict(arguments))}\n{end}"
        case _:
            parameters = "".join(
                f"{form.key_start}{key}{form.key_end}{form.value_start}{_to_text(value)}{form.value_end}\n"
                for key, value in arguments.items()
            )
            return f"{start}{name}{form.name_end}\n{parameters}{end}"


def _to_python(value: object) -> str:
    return repr(value) if isinstance(value, str | bool | None) else to_json(value)


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else to_json(value)


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
