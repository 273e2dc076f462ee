"""Where a conversation's messages and tools stand in the rendered prompt, found by their own text. Pure.

Independent of the template: what it writes around them, leaves out or trims, doesn't matter. A piece that isn't found
has no span.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from endpoint.conversation import Message, Role, TextPart, Tool

_TRIES = 50
_SHORTEST_LEAF = 3


class Piece(StrEnum):
    """A part of a message."""

    TEXT = "text"
    REASONING = "reasoning"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of message `index` from `start` to `end` of the prompt, in characters; `skipped` of its first ones were
    left out by the template."""

    index: int
    piece: Piece
    start: int
    end: int
    skipped: int = 0

    def character(self, at: int) -> int:
        """A place in the prompt as a place in the piece."""
        return at - self.start + self.skipped


@dataclass(frozen=True, slots=True)
class ToolSpan:
    """What is found of a tool's words, from `start` to `end` of the prompt."""

    index: int
    start: int
    end: int


def text_of(message: Message) -> str:
    """Its text, parts joined as they are rendered."""
    return "\n".join(part.text for part in message.parts if isinstance(part, TextPart))


def find_spans(prompt: str, messages: Sequence[Message]) -> list[Span]:
    """In the order of the prompt."""
    spans: list[Span] = []
    cursor = 0
    for index, message in enumerate(messages):
        for piece, text in _pieces(message):
            from_start = message.role in (Role.SYSTEM, Role.DEVELOPER)  # late ones may have been moved to the front
            span = _find(prompt, text, cursor, index, piece)
            if span is None and from_start:
                span = _find(prompt, text, 0, index, piece)
            if span is not None:
                spans.append(span)
                cursor = max(cursor, span.end)
    return sorted(spans, key=lambda span: span.start)


def _pieces(message: Message) -> Iterator[tuple[Piece, str]]:
    if message.reasoning:
        yield Piece.REASONING, message.reasoning
    text = text_of(message)
    if text:
        yield Piece.TEXT, text
    for call in message.tool_calls:
        yield Piece.CALL, call.name
        yield Piece.CALL, call.arguments


def _find(prompt: str, text: str, cursor: int, index: int, piece: Piece) -> Span | None:
    bare = text.strip()
    if not bare:
        return None
    start = _find_apart(prompt, text, cursor)
    if start is not None:
        return Span(index, piece, start, start + len(text))
    start = _find_apart(prompt, bare, cursor)
    if start is None:
        return None
    return Span(index, piece, start, start + len(bare), len(text) - len(text.lstrip()))


def _find_apart(prompt: str, text: str, cursor: int) -> int | None:
    """Where the text stands, rather by itself than within a word: "a" is in "assistant" too."""
    first = at = prompt.find(text, cursor)
    for _ in range(_TRIES):
        if at < 0:
            break
        if not (_joins(prompt, at) or _joins(prompt, at + len(text))):
            return at
        at = prompt.find(text, at + 1)
    return first if first >= 0 else None


def _joins(prompt: str, at: int) -> bool:
    """Whether there is a word on both sides."""
    return 0 < at < len(prompt) and prompt[at - 1].isalnum() and prompt[at].isalnum()


def find_tools(prompt: str, tools: Sequence[Tool]) -> list[ToolSpan]:
    """In the order of the prompt."""
    spans = []
    for index, tool in enumerate(tools):
        start = prompt.find(f'"{tool.name}"')
        if start < 0:
            start = prompt.find(tool.name)
        if start >= 0:
            spans.append(ToolSpan(index, start, _find_end(prompt, tool, start)))
    return sorted(spans, key=lambda span: span.start)


def _find_end(prompt: str, tool: Tool, start: int) -> int:
    """Behind the last of its words."""
    limit = start + 2 * len(json.dumps(tool.parameters, default=str)) + len(tool.description) + 200
    end = start + len(tool.name)
    for leaf in _leaves([tool.description, tool.parameters]):
        at = prompt.find(leaf, start, limit)
        end = max(end, at + len(leaf)) if at >= 0 else end
    return end


def _leaves(value: object) -> Iterator[str]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            if len(each) >= _SHORTEST_LEAF:
                yield each
        elif isinstance(each, Mapping):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, Sequence):
            left += each
