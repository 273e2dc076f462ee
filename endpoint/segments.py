"""What an answer is made of, in the order it comes: content, reasoning, tool calls. Values only.

A call is a CallStart, any number of CallArguments whose texts joined are its arguments as JSON, and a CallEnd.
"""

from __future__ import annotations

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
