"""What an answer is made of, in the order it comes: content, reasoning, tool calls. Values only.

A call is a CallStart, any number of CallArguments whose texts joined are its arguments as JSON, and a CallEnd.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """Text for the reader; never empty, no markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Text that the model thinks aloud; never empty, no markup."""

    text: str


@dataclass(frozen=True, slots=True)
class CallStart:
    """A call begins; `index` counts an answer's calls from 0."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class CallArguments:
    """More of a call's arguments: a piece of JSON text, or of what the model wrote in its place."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class CallEnd:
    """A call is over. One that the answer's end cut off ends too: then its arguments are no whole JSON."""

    index: int


Segment = Content | Reasoning | CallStart | CallArguments | CallEnd


def join_segments(segments: Iterable[Segment]) -> list[Segment]:
    """Neighbours of one kind as one segment."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        match last, segment:
            case Content(before), Content(text):
                joined[-1] = Content(before + text)
            case Reasoning(before), Reasoning(text):
                joined[-1] = Reasoning(before + text)
            case CallArguments(index, before), CallArguments(same, text) if index == same:
                joined[-1] = CallArguments(index, before + text)
            case _:
                joined.append(segment)
    return joined
