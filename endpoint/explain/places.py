"""Where in a request a place of its prompt lies, and what that is called. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from endpoint.conversation import Message
from endpoint.explain.explanation import Part, Place
from endpoint.explain.spans import Piece, Span, find_spans, find_tools
from endpoint.keycontent import KeyContent

_DISTINCT = 16
"""Characters from which a message's text is hardly found in a tool's definition by chance."""


def find_place(prompt: str, at: int, asked: KeyContent | None) -> Place:
    """In a message, a tool, or what the template writes around them."""
    if asked is None or asked.tokens is not None:
        return Place(Part.PROMPT, character=at)
    spans = find_spans(prompt, asked.messages)
    within = _find_within(spans, at)
    if within is not None and within.end - within.start >= _DISTINCT:
        return in_message(asked.messages, within.index, within.character(at), within.piece)
    tools = [span for span in find_tools(prompt, asked.tools) if span.start <= at <= span.end]
    if tools:
        return Place(Part.TOOL, tool=asked.tools[tools[-1].index].name)
    if within is not None:
        return in_message(asked.messages, within.index, within.character(at), within.piece)
    return _between(spans, at, asked.messages)


def in_message(messages: Sequence[Message], index: int, character: int, piece: Piece = Piece.TEXT) -> Place:
    """A place in a message."""
    return Place(Part.MESSAGE, index, messages[index].role.value, piece, character)


def _find_within(spans: Sequence[Span], at: int) -> Span | None:
    """What the place is in, else what ends there."""
    inside = next((span for span in spans if span.start <= at < span.end), None)
    return inside or next((span for span in spans if span.end == at), None)


def _between(spans: Sequence[Span], at: int, messages: Sequence[Message]) -> Place:
    index = next((span.index for span in spans if span.start >= at), None)
    return Place(Part.TEMPLATE, index, None if index is None else messages[index].role.value)


def name_place(place: Place, asked: KeyContent | None) -> str:
    """As a sentence calls it."""
    match place:
        case Place(Part.MESSAGE, message=int(index), role=str(role), piece=piece):
            whole = name_message(index, role)
            return {Piece.REASONING: f"the reasoning of {whole}", Piece.CALL: f"a call of {whole}"}.get(
                piece or Piece.TEXT, whole
            )
        case Place(Part.TOOL):
            return f"the tool {place.tool}"
        case Place(Part.TEMPLATE, message=None):
            return "behind the last message"
        case Place(Part.TEMPLATE, message=int(index), role=str(role)) if asked is not None:
            return _name_gap(index, role, asked.messages)
        case _:
            return "the prompt"


def name_message(index: int, role: str) -> str:
    """As in "message 3 (user)", counted from 0."""
    return f"message {index} ({role})"


def _name_gap(index: int, role: str, messages: Sequence[Message]) -> str:
    if index == 0:
        return f"before {name_message(index, role)}"
    return f"between {name_message(index - 1, messages[index - 1].role.value)} and {name_message(index, role)}"
