"""A key as a note beside the saved prefixes, and back. Pure.

What is read may be anything: a note that isn't one of ours is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endpoint.cache.disk.store import Note
from endpoint.cache.index import common_length
from endpoint.cache.keys import Key
from endpoint.conversation import MediaPart, Message, Part, Role, TextPart, Tool, ToolCall
from endpoint.keycontent import KeyContent

KEY = "key:"
"""Before the name of a note about a key."""
SAVE = "save:"
"""Before the name of a note about what was saved by name."""


def write_note(name: str, key: Key, entry: tuple[str, tuple[int, ...]], saved_at: float) -> Note:
    """`name` with its KEY or SAVE; the `entry`'s id and tokens, of which the key stands for a part, or which are nearly
    all of its."""
    entry_id, tokens = entry
    content = {
        "tokens": common_length(key.tokens, tokens),
        "created_at": key.created_at,
        "used_at": key.used_at,
        "ttl_s": key.ttl_s,
        "meta": key.meta,
        "is_prepared": key.is_prepared,
        "is_lease": key.is_lease,
        "content": _write_content(key.content),
    }
    return Note(name, entry_id, content, saved_at)


def read_note(name: str, note: Note, tokens: tuple[int, ...]) -> Key | None:
    """The key `name`, which stands for the first of these tokens; None when the note makes no sense."""
    said = note.content
    try:
        count = int(said["tokens"])  # type: ignore[call-overload]  # whatever JSON has there: what isn't a number raises
        if not 0 <= count <= len(tokens):
            return None
        ttl = said.get("ttl_s")
        return Key(
            name,
            created_at=_number(said["created_at"]),
            used_at=_number(said["used_at"]),
            ttl_s=None if ttl is None else _number(ttl),
            tokens=tokens[:count],
            content=_read_content(_mapping(said["content"])),
            meta=dict(_mapping(said["meta"])),
            is_prepared=bool(said.get("is_prepared")),
            is_lease=bool(said.get("is_lease")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _write_content(content: KeyContent) -> dict[str, object]:
    return {
        "messages": [_write_message(message) for message in content.messages],
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in content.tools
        ],
        "variables": dict(content.variables),
        "tokens": None if content.tokens is None else list(content.tokens),
        "opens_turn": content.opens_turn,
    }


def _write_message(message: Message) -> dict[str, object]:
    return {
        "role": message.role.value,
        "parts": [_write_part(part) for part in message.parts],
        "name": message.name,
        "tool_calls": [[call.id, call.name, call.arguments] for call in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "reasoning": message.reasoning,
    }


def _write_part(part: Part) -> dict[str, object]:
    return {"text": part.text} if isinstance(part, TextPart) else {"media": part.kind}


def _read_content(said: Mapping[str, Any]) -> KeyContent:
    tokens = said["tokens"]
    return KeyContent(
        tuple(_read_message(_mapping(message)) for message in said["messages"]),
        tuple(
            Tool(str(tool["name"]), str(tool["description"]), _mapping(tool["parameters"])) for tool in said["tools"]
        ),
        _mapping(said["variables"]),
        None if tokens is None else tuple(int(token) for token in tokens),
        bool(said["opens_turn"]),
    )


def _read_message(said: Mapping[str, Any]) -> Message:
    calls = tuple(ToolCall(str(number), str(name), str(arguments)) for number, name, arguments in said["tool_calls"])
    parts = tuple(map(_read_part, said["parts"]))
    name, call_id, reasoning = (said[field] for field in ("name", "tool_call_id", "reasoning"))
    return Message(Role(said["role"]), parts, _text(name), calls, _text(call_id), _text(reasoning))


def _read_part(said: Mapping[str, Any]) -> Part:
    return TextPart(str(said["text"])) if "text" in said else MediaPart(str(said["media"]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError(f"a number was expected, not {value!r:.40}")
    return float(value)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"an object was expected, not {value!r:.40}")
    return value
