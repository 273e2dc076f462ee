"""What was changed between two requests, by what they asked: tools, messages, variables. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from endpoint.conversation import Message, Role, Tool
from endpoint.explain.kinds import Kind
from endpoint.explain.spans import text_of
from endpoint.explain.texts import common_length
from endpoint.keycontent import KeyContent

_UNLIKE = 4
"""Less than one in so many characters the same: another text, not a changed one."""
_LONG = 80


@dataclass(frozen=True, slots=True)
class ToolChange:
    """`names` of the tools that it is about; `path` of the first difference within a tool's definition."""

    kind: Kind
    names: tuple[str, ...]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class MessageChange:
    """The first message that differs is the new request's `index`, from `character` of its text on. `count`: messages
    that were left out or put in."""

    kind: Kind
    index: int
    character: int
    count: int = 0


def find_tool_change(earlier: Sequence[Tool], new: Sequence[Tool]) -> ToolChange | None:
    """None when they are the same, to the order of their keys."""
    old_names, new_names = [tool.name for tool in earlier], [tool.name for tool in new]
    added = tuple((Counter(new_names) - Counter(old_names)).elements())
    removed = tuple((Counter(old_names) - Counter(new_names)).elements())
    if added or removed:
        kinds = {(True, False): Kind.TOOLS_ADDED, (False, True): Kind.TOOLS_REMOVED}
        return ToolChange(kinds.get((bool(added), bool(removed)), Kind.TOOLS_REPLACED), (*added, *removed))
    if old_names != new_names:
        moved = next(name for name, old in zip(new_names, old_names, strict=True) if name != old)
        return ToolChange(Kind.TOOLS_REORDERED, (moved,))
    for old, tool in zip(earlier, new, strict=True):
        path = _find_difference(_describe(old), _describe(tool))
        if path is not None:
            return ToolChange(Kind.TOOL_CHANGED, (tool.name,), path)
    return None


def _describe(tool: Tool) -> Mapping[str, object]:
    return {"description": tool.description, "parameters": tool.parameters}


def _find_difference(old: object, new: object) -> str | None:
    """The path of the first thing that differs, as in "parameters.required[1]"; the order of keys counts."""
    left: list[tuple[str, object, object]] = [("", old, new)]
    while left:
        path, one, other = left.pop()
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            if list(one) != list(other):
                strange = next((name for name in (*other, *one) if name not in one or name not in other), None)
                return f"{path}.{strange}".lstrip(".") if strange is not None else f"{path} (order of keys)".lstrip()
            left += [(f"{path}.{name}".lstrip("."), one[name], other[name]) for name in reversed(list(one))]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return f"{path}[{_count_alike(one, other)}]"
            left += [(f"{path}[{place}]", one[place], other[place]) for place in reversed(range(len(one)))]
        elif json.dumps(one, default=str) != json.dumps(other, default=str):
            return path
    return None


def _count_alike(one: Sequence[object], other: Sequence[object]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def find_message_change(earlier: KeyContent, new: KeyContent) -> MessageChange | None:
    """None when one conversation begins with the other."""
    pairs = enumerate(zip(earlier.messages, new.messages, strict=False))
    index = next((place for place, (old, message) in pairs if old != message), None)
    if index is None:
        return None
    old, message = earlier.messages[index], new.messages[index]
    character = common_length(text_of(old), text_of(message))
    left_out = _find_later(earlier.messages, message, index)
    if left_out:
        return MessageChange(Kind.HISTORY_TRIMMED, index, character, left_out)
    put_in = _find_later(new.messages, old, index)
    if put_in:
        return MessageChange(Kind.MESSAGES_INSERTED, index, character, put_in)
    return MessageChange(_judge(old, message, is_last=index == len(new.messages) - 1), index, character)


def _find_later(messages: Sequence[Message], wanted: Message, index: int) -> int:
    """How many messages stand before `wanted`, from `index` on; 0 when it doesn't come."""
    later = (place for place in range(index + 1, len(messages)) if messages[place] == wanted)
    return next(later, index) - index


def _judge(old: Message, new: Message, *, is_last: bool) -> Kind:
    if text_of(old) == text_of(new) and old.reasoning and not new.reasoning:
        return Kind.REASONING_DROPPED
    if is_last and new.role in (Role.USER, Role.TOOL):
        return Kind.OTHER_QUESTION
    if new.role in (Role.SYSTEM, Role.DEVELOPER) and is_unlike(text_of(old), text_of(new)):
        return Kind.OTHER_SYSTEM_PROMPT
    return Kind.MESSAGE_EDITED


def is_unlike(old: str, new: str) -> bool:
    """Whether it is another text altogether."""
    begin = common_length(old, new)
    end = common_length(old[begin:][::-1], new[begin:][::-1])
    longest = max(len(old), len(new))
    return _UNLIKE * (begin + end) < longest and (longest >= _LONG or begin == 0)


def differing_variables(earlier: KeyContent, new: KeyContent) -> Iterator[str]:
    """Names of the template variables that aren't the same."""
    for name in sorted({*earlier.variables, *new.variables}):
        if earlier.variables.get(name) != new.variables.get(name):
            yield name
