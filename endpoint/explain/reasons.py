"""Why two prompts part where they do: the place, the kind, and a sentence. Pure.

What the two requests asked decides, where both are known and the place agrees with it; else the text on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from endpoint.conversation import Role
from endpoint.explain import wording
from endpoint.explain.changes import (
    MessageChange,
    differing_variables,
    find_message_change,
    find_tool_change,
    is_unlike,
)
from endpoint.explain.explanation import Part, Place
from endpoint.explain.kinds import Kind, drops_reasoning, recognise
from endpoint.explain.places import find_place, in_message
from endpoint.explain.spans import Piece, find_spans, text_of
from endpoint.explain.texts import Parting
from endpoint.keycontent import KeyContent

_SURE = 4
"""Characters before the place that agree with a message's text: it isn't by chance."""


@dataclass(frozen=True, slots=True)
class Reason:
    """See the module."""

    place: Place
    kind: Kind
    sentence: str


def find_reason(parting: Parting, earlier: KeyContent | None, new: KeyContent | None) -> Reason:
    """`earlier`: what was asked when the earlier text was computed, None where that isn't known."""
    if parting.at in (len(parting.new), len(parting.earlier)) and parting.new.startswith(parting.earlier):
        place = find_place(parting.new, parting.at, new)
        return Reason(place, Kind.TOKENS, wording.tell_tokens(place, new))
    if earlier is None or new is None or new.tokens is not None or earlier.tokens is not None:
        return _judge_text(parting, find_place(parting.new, parting.at, new), new)
    return next(_judge_requests(parting, earlier, new))


def _judge_requests(parting: Parting, earlier: KeyContent, new: KeyContent) -> Iterator[Reason]:
    """The first is the one."""
    change = find_message_change(earlier, new)
    if change is not None and _agrees(parting, change, new):
        yield _judge_message(parting, change, earlier, new, in_message(new.messages, change.index, change.character))
    place = find_place(parting.new, parting.at, new)
    if _is_template_s(parting, place):
        yield _judge_text(parting, place, new)
    tools = find_tool_change(earlier.tools, new.tools)
    if tools is not None:
        place = replace(place, part=Part.TOOL, message=None, role=None, piece=None, character=None)
        place = replace(place, tool=tools.names[0], path=tools.path)
        yield Reason(place, tools.kind, wording.tell_tools(tools))
    if change is not None and not _precedes(place, change):
        yield _judge_message(parting, change, earlier, new, place)
    names = tuple(differing_variables(earlier, new))
    if names:
        yield Reason(place, Kind.VARIABLES_CHANGED, wording.tell_variables(names))
    if _is_behind(parting, earlier) and len(new.messages) > len(earlier.messages):
        yield _judge_answer(parting, len(earlier.messages), new, place)
    yield _judge_text(parting, place, new)


def _agrees(parting: Parting, change: MessageChange, new: KeyContent) -> bool:
    """Whether the prompts part just where the messages do."""
    text = text_of(new.messages[change.index])
    for span in find_spans(parting.new, new.messages):
        is_its_text = span.index == change.index and span.piece is Piece.TEXT
        if is_its_text and span.character(parting.at) == change.character:
            return True
    before = text[: change.character].lstrip()
    return len(before) >= _SURE and parting.new.endswith(before, 0, parting.at)


def _is_template_s(parting: Parting, place: Place) -> bool:
    """Whether it is the template itself that writes another time, whatever else was changed behind it."""
    found = recognise(parting)
    return place.part is Part.TEMPLATE and found is not None and found[0] is Kind.TIME


def _precedes(place: Place, change: MessageChange) -> bool:
    """Whether the place comes before all that the change can have brought about."""
    if place.part is Part.MESSAGE and place.message is not None:
        return place.message < change.index
    return place.part is Part.TEMPLATE and place.message is not None and place.message < change.index


def _judge_message(
    parting: Parting, change: MessageChange, earlier: KeyContent, new: KeyContent, place: Place
) -> Reason:
    role = new.messages[change.index].role.value
    texts = (text_of(earlier.messages[change.index]), text_of(new.messages[change.index]))
    match change.kind:
        case Kind.HISTORY_TRIMMED:
            return Reason(place, change.kind, wording.tell_trimmed(change))
        case Kind.MESSAGES_INSERTED:
            return Reason(place, change.kind, wording.tell_inserted(change))
        case Kind.REASONING_DROPPED:
            return Reason(place, change.kind, wording.tell_dropped(change.index, role))
        case Kind.OTHER_SYSTEM_PROMPT:
            return Reason(place, change.kind, wording.tell_change(place, new, "a different system prompt"))
    if is_unlike(*texts) and change.kind is Kind.OTHER_QUESTION:
        return Reason(place, change.kind, wording.tell_change(place, new, "another question"))
    if "".join(texts[0].split()) == "".join(texts[1].split()) and texts[0] != texts[1]:
        return Reason(place, Kind.WHITE_SPACE, wording.tell_change(place, new, "blanks only"))
    return _judge_text(parting, place, new, change.kind)


def _is_behind(parting: Parting, earlier: KeyContent) -> bool:
    """Whether the place lies behind all that was asked: in the answer."""
    spans = find_spans(parting.earlier, earlier.messages)
    return bool(spans) and spans[-1].end <= parting.at


def _judge_answer(parting: Parting, index: int, new: KeyContent, place: Place) -> Reason:
    message = new.messages[index]
    if drops_reasoning(parting):
        return Reason(place, Kind.REASONING_DROPPED, wording.tell_dropped(index, message.role.value))
    if message.role is Role.ASSISTANT:
        found = recognise(parting)
        if found is not None and found[0] is Kind.WHITE_SPACE:
            return Reason(place, found[0], wording.tell_change(place, new, found[1]))
        return Reason(place, Kind.ANSWER_CHANGED, wording.tell_answer(place, new))
    return Reason(place, Kind.ANSWER_CHANGED, wording.tell_no_answer(index, message.role.value))


def _judge_text(parting: Parting, place: Place, new: KeyContent | None, otherwise: Kind = Kind.TEXT) -> Reason:
    """By what stands on both sides."""
    if drops_reasoning(parting) and place.part is Part.TEMPLATE and place.message != 0:
        return Reason(place, Kind.REASONING_DROPPED, wording.tell_thoughts(place, new))
    found = recognise(parting)
    if found is not None:
        return Reason(place, found[0], wording.tell_change(place, new, found[1]))
    what = {Kind.OTHER_QUESTION: "another question"}.get(otherwise, "other text")
    return Reason(place, otherwise, wording.tell_change(place, new, what))
