"""Where in a conversation a character of its prompt is: found by the messages' own words, for any template. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from endpoint.conversation import Message, TextPart
from endpoint.keycontent import KeyContent


@dataclass(frozen=True, slots=True)
class Place:
    """A character of the message `index` (of `role`), counted from 0 in its text; or, with `between`, the template's
    own text before that message; index None: behind the last one, or there are no messages."""

    index: int | None
    role: str | None
    character: int
    between: bool = False


@dataclass(frozen=True, slots=True)
class _Span:
    index: int
    role: str
    start: int
    end: int
    skipped: int  # characters of the message that the template left out before


def find_place(prompt: str, at: int, asked: KeyContent | None) -> Place:
    """Where the character `at` of a rendered prompt is."""
    spans = list(_find_spans(prompt, asked)) if asked is not None else []
    for span in spans:
        if at < span.start:
            return Place(span.index, span.role, 0, between=True)
        if at < span.end:
            return Place(span.index, span.role, at - span.start + span.skipped)
    return Place(None, None, at, between=True)


def read_text(message: Message) -> str:
    """Its words."""
    return "\n".join(part.text for part in message.parts if isinstance(part, TextPart))


def _find_spans(prompt: str, asked: KeyContent) -> Iterator[_Span]:
    """In order; a message that the template writes otherwise than it was said has none. A span ends one character
    behind the words: there, too, it is the message that has changed, by an end that came sooner or later."""
    start = 0
    for index, message in enumerate(asked.messages):
        words = read_text(message)
        found, skipped = prompt.find(words, start), 0
        if found < 0:
            skipped = len(words) - len(words.lstrip())
            words = words.strip()
            found = prompt.find(words, start)
        if words and found >= 0:
            yield _Span(index, message.role.value, found, found + len(words) + 1, skipped)
            start = found + len(words)
