"""Arranges a conversation so that strict templates take it: one system message, first; no two user messages in a row.

Clients send developer messages, several and late system messages, and user messages one after the other; many templates
refuse these ("roles must alternate"). What no template needs changed is left as it is. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from endpoint.conversation import MediaPart, Message, Role, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.text.template import WireMessage
from endpoint.text.traits import Traits

_SYSTEM = frozenset({Role.SYSTEM, Role.DEVELOPER})
_BLANK_LINE = "\n\n"


@dataclass(frozen=True, slots=True)
class _Turn:
    """A message whose parts are one text."""

    role: Role
    text: str
    source: Message | None = None


def arrange(messages: Sequence[Message], traits: Traits) -> list[WireMessage]:
    """The messages as the template takes them. Raises InvalidRequest naming a part that is not text."""
    turns = [_Turn(message.role, _join_parts(message, place), message) for place, message in enumerate(messages)]
    system = _BLANK_LINE.join(turn.text for turn in turns if turn.role in _SYSTEM and turn.text)
    turns = _merge_users(turn for turn in turns if turn.role not in _SYSTEM)
    if system:
        turns = _place_system(system, turns, traits)
    return [_to_wire(turn, traits) for turn in turns]


def _join_parts(message: Message, place: int) -> str:
    texts = []
    for number, part in enumerate(message.parts):
        if isinstance(part, MediaPart):
            raise InvalidRequest(
                f"Parts of type {part.kind!r} can't be used: this model reads text only.",
                f"messages[{place}].content[{number}]",
            )
        texts.append(part.text)
    return "\n".join(texts)


def _merge_users(turns: Iterable[_Turn]) -> list[_Turn]:
    merged: list[_Turn] = []
    for turn in turns:
        if merged and turn.role is Role.USER and merged[-1].role is Role.USER:
            merged[-1] = replace(merged[-1], text=_BLANK_LINE.join(filter(None, (merged[-1].text, turn.text))))
        else:
            merged.append(turn)
    return merged


def _place_system(system: str, turns: list[_Turn], traits: Traits) -> list[_Turn]:
    if traits.system_role:
        return [_Turn(Role.SYSTEM, system), *turns]
    if turns and turns[0].role is Role.USER:
        return [replace(turns[0], text=_BLANK_LINE.join(filter(None, (system, turns[0].text)))), *turns[1:]]
    return [_Turn(Role.USER, system), *turns]


def _to_wire(turn: _Turn, traits: Traits) -> WireMessage:
    message: dict[str, object] = {"role": turn.role.value, "content": _content(turn, traits)}
    source = turn.source
    if source is None:
        return message
    if source.name is not None:
        message["name"] = source.name
    if source.tool_call_id is not None:
        message["tool_call_id"] = source.tool_call_id
    if source.reasoning is not None:
        message[traits.reasoning_field] = source.reasoning
    if source.tool_calls:
        message["tool_calls"] = [_call_to_wire(call, traits) for call in source.tool_calls]
    return message


def _content(turn: _Turn, traits: Traits) -> object:
    if not turn.text and turn.source is not None and turn.source.tool_calls:
        return None if traits.null_content else ""
    return [{"type": "text", "text": turn.text}] if traits.content_as_parts else turn.text


def _call_to_wire(call: ToolCall, traits: Traits) -> WireMessage:
    arguments = _parse_arguments(call.arguments) if traits.object_arguments else call.arguments
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _parse_arguments(text: str) -> object:
    """The arguments as an object; the text itself when it is none (the model wrote it, and models err)."""
    try:
        parsed = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return text
    return parsed if isinstance(parsed, dict) else text
