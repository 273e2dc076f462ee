"""The items of a Responses conversation: checked, filled in, and written as messages. Pure.

What the model wrote in one turn (reasoning, text, calls) comes as several items and becomes one assistant message, so
that the next prompt begins as the last one ended. `arrange` of a conversation that was read here never fails on a part.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from endpoint.conversation import Message, Part, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.protocol.responses.body import WireItem, WirePart
from endpoint.protocol.responses.tools import INPUT, join_name

Item = dict[str, object]

_TEXT_TYPES = frozenset({"input_text", "output_text", "text", "reasoning_text", "summary_text"})
_PREFIXES = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "custom_tool_call": "ctc_",
    "custom_tool_call_output": "ctco_",
}
_NEEDS = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name"),
    "function_call_output": ("call_id", "output"),
    "custom_tool_call": ("call_id", "name"),
    "custom_tool_call_output": ("call_id", "output"),
}
_SEAL = "traypoint.reasoning.1:"


def new_item_id(kind: str) -> str:
    """An item's id: unique; its beginning tells the type."""
    return _PREFIXES[kind] + uuid.uuid4().hex


def seal_reasoning(text: str) -> str:
    """The reasoning as `encrypted_content`, for clients that hand back nothing else of it. Not encrypted: it comes
    beside the text itself."""
    return _SEAL + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _unseal(sealed: str | None) -> str:
    """What `seal_reasoning` made; nothing for what others made."""
    if sealed is None or not sealed.startswith(_SEAL):
        return ""
    try:
        return base64.b64decode(sealed.removeprefix(_SEAL), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def read_items(given: str | Sequence[WireItem], find: Callable[[str], Item | None]) -> list[Item]:
    """The input as items, whole and with ids; `find` gives the item that a reference names, None when there is none.
    Raises InvalidRequest naming the field."""
    if isinstance(given, str):
        given = [WireItem(type="message", role="user", content=given)]
    return [_read_item(item, f"input[{place}]", find) for place, item in enumerate(given)]


def _read_item(wire: WireItem, path: str, find: Callable[[str], Item | None]) -> Item:
    kind = wire.type or ("message" if wire.role is not None else None)
    if kind is None:
        raise InvalidRequest(f"{path}.type is required.", f"{path}.type")
    if kind == "item_reference":
        return _follow(wire.id, path, find)
    if kind not in _PREFIXES:
        raise InvalidRequest(f"{path}: items of type {kind!r} can't be used here.", f"{path}.type")
    for name in _NEEDS.get(kind, ()):
        if getattr(wire, name) is None:
            raise InvalidRequest(f"{path}.{name} is required.", f"{path}.{name}")
    return {"type": kind, "id": wire.id or new_item_id(kind), **_read_fields(wire, kind, path)}


def _follow(wanted: str | None, path: str, find: Callable[[str], Item | None]) -> Item:
    found = find(wanted or "")
    if found is None:
        raise InvalidRequest(
            f"{path}: no item {wanted!r} is kept here (the store is bounded, and empty after a restart). "
            "Send the item itself.",
            f"{path}.id",
            "item_not_found",
        )
    return found


def _read_fields(wire: WireItem, kind: str, path: str) -> Item:
    match kind:
        case "message":
            return {"status": "completed", "role": wire.role, "content": _read_content(wire, path)}
        case "reasoning":
            content = wire.content if isinstance(wire.content, list) else []
            return {
                "summary": [_read_part(part, f"{path}.summary[{n}]") for n, part in enumerate(wire.summary or ())],
                "content": [_read_part(part, f"{path}.content[{n}]") for n, part in enumerate(content)],
                "encrypted_content": wire.encrypted_content,
            }
        case "function_call":
            return {**_read_call(wire), "arguments": wire.arguments or "", "status": "completed"}
        case "custom_tool_call":
            return {**_read_call(wire), "input": wire.input or "", "status": "completed"}
        case _:
            return {"call_id": wire.call_id, "output": _read_output(wire, path), "status": "completed"}


def _read_call(wire: WireItem) -> Item:
    call: Item = {"call_id": wire.call_id, "name": wire.name}
    return {**call, "namespace": wire.namespace} if wire.namespace else call


def _read_content(wire: WireItem, path: str) -> list[Item]:
    if isinstance(wire.content, str):
        if wire.role == "assistant":
            return [{"type": "output_text", "text": wire.content, "annotations": [], "logprobs": []}]
        return [{"type": "input_text", "text": wire.content}]
    return [_read_part(part, f"{path}.content[{number}]") for number, part in enumerate(wire.content or ())]


def _read_output(wire: WireItem, path: str) -> str | list[Item]:
    if isinstance(wire.output, str):
        return wire.output
    return [_read_part(part, f"{path}.output[{number}]") for number, part in enumerate(wire.output or ())]


def _read_part(part: WirePart, path: str) -> Item:
    if part.type == "refusal":
        name, text = "refusal", part.refusal
    elif part.type in _TEXT_TYPES:
        name, text = "text", part.text
    else:
        raise InvalidRequest(f"{path}: parts of type {part.type!r} can't be used: this model reads text only.", path)
    if text is None:
        raise InvalidRequest(f"{path}.{name} is required.", f"{path}.{name}")
    written: Item = {"type": part.type, name: text}
    return {**written, "annotations": [], "logprobs": []} if part.type == "output_text" else written


@dataclass(slots=True)
class _Turn:
    """What the assistant said between two others."""

    reasoning: str = ""
    parts: tuple[Part, ...] = ()
    calls: list[ToolCall] = field(default_factory=list)

    def take(self) -> list[Message]:
        if not (self.reasoning or self.parts or self.calls):
            return []
        message = Message(Role.ASSISTANT, self.parts, tool_calls=tuple(self.calls), reasoning=self.reasoning or None)
        self.reasoning, self.parts, self.calls = "", (), []
        return [message]


def write_messages(items: Iterable[Item]) -> list[Message]:
    """The items as a conversation. They are ours: read by `read_items`, or written by an answer."""
    messages: list[Message] = []
    turn = _Turn()
    for item in items:
        kind = item["type"]
        is_assistants = kind in {"reasoning", "function_call", "custom_tool_call"} or item.get("role") == "assistant"
        starts_anew = kind in {"reasoning", "message"} and bool(turn.parts or turn.calls)
        if not is_assistants or starts_anew:
            messages += turn.take()
        if is_assistants:
            _add(turn, item)
        elif kind == "message":
            messages.append(Message(Role(str(item["role"])), _parts(item["content"])))
        else:
            messages.append(Message(Role.TOOL, _parts(item["output"]), tool_call_id=str(item["call_id"])))
    return messages + turn.take()


def _add(turn: _Turn, item: Item) -> None:
    match item["type"]:
        case "reasoning":
            turn.reasoning += _reasoning(item)
        case "message":
            turn.parts = _parts(item["content"])
        case "function_call":
            turn.calls.append(_call(item, str(item["arguments"])))
        case _:
            arguments = orjson.dumps({INPUT: item["input"]}).decode()
            turn.calls.append(_call(item, arguments))


def _call(item: Item, arguments: str) -> ToolCall:
    namespace = item.get("namespace")
    name = join_name(str(namespace) if namespace else None, str(item["name"]))
    return ToolCall(str(item["call_id"]), name, arguments)


def _reasoning(item: Item) -> str:
    """The text itself; else what was sealed of it; else its summary."""
    sealed = item.get("encrypted_content")
    return (
        _join(item.get("content")) or _unseal(sealed if isinstance(sealed, str) else None) or _join(item.get("summary"))
    )


def _join(parts: object) -> str:
    return "\n".join(part.text for part in _parts(parts) if isinstance(part, TextPart))


def _parts(content: object) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (TextPart(content),)
    parts = content if isinstance(content, list) else ()
    return tuple(TextPart(str(part.get("text", part.get("refusal", "")))) for part in parts)
