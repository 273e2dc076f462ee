"""What reads one call: the interface, and what all of its kinds share. Pure; one reader a call.

A reader is given the text that is still unread, again and again as it grows, and says how much of it it has used. Until
it is sure that this is a call it uses nothing, so that the text can still be given out as content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from endpoint.segments import CallArguments, CallEnd, CallStart, Segment
from endpoint.text.tools.formats import ToolFormat
from endpoint.text.tools.values import NO_SCHEMA, Schema

HEAD_LIMIT = 400
"""Characters in which a call's name must have come; an unlikely call is then given out as content."""

_NAME = re.compile(r"[^\s<>{}()\[\]\"'`,;=|]{1,128}")


class Progress(Enum):
    """Where a reader stands."""

    MORE = auto()  # wants more text
    DONE = auto()  # the call is over, its end mark perhaps still unread
    NO_CALL = auto()  # this is no call
    CONTENT = auto()  # what follows is plain content, addressed like a call


@dataclass(frozen=True, slots=True)
class Read:
    """`used` characters of the text are dealt with."""

    used: int
    progress: Progress
    segments: tuple[Segment, ...] = ()


NOT_YET = Read(0, Progress.MORE)
NO_CALL = Read(0, Progress.NO_CALL)

Tools = Mapping[str, Schema]
"""The offered tools: each name's parameters schema."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call being read: its place in the answer, how it is written, and what may be called."""

    index: int
    format: ToolFormat
    tools: Tools

    def accepts(self, name: str) -> bool:
        """Whether that can be the name of a call."""
        return name in self.tools or (not self.format.known_names and _NAME.fullmatch(name) is not None)

    def schema(self, name: str) -> Schema:
        """The parameters' schema; empty for a name that wasn't offered."""
        return self.tools.get(name, NO_SCHEMA)

    def start(self, name: str) -> CallStart:
        return CallStart(self.index, name)

    def arguments(self, text: str) -> tuple[Segment, ...]:
        return (CallArguments(self.index, text),) if text else ()

    def end(self) -> CallEnd:
        return CallEnd(self.index)

    def whole(self, name: str, arguments: str) -> tuple[Segment, ...]:
        """All of a call at once."""
        return (self.start(name), *self.arguments(arguments), self.end())


class CallReader(Protocol):
    """Reads one call."""

    def read(self, text: str, *, final: bool) -> Read:
        """Go on with the text that is unread; `final`: no more will come. May not use anything before it is sure."""


@dataclass(frozen=True, slots=True)
class Head:
    """A call's opening: its name, and where it ends."""

    name: str
    end: int


def read_head(text: str, form: ToolFormat, *, final: bool) -> Head | Progress:
    """The name and the marks around it. MORE while it is incomplete, NO_CALL when it can't become one."""
    stops = [form.head_end] if form.head_end else [form.key_start, form.call_end, form.section_end]
    found = [(at, stop) for stop in stops if stop and (at := text.find(stop)) >= 0]
    if not found or min(found)[0] > HEAD_LIMIT:
        return Progress.NO_CALL if final or len(text) > HEAD_LIMIT else Progress.MORE
    at, stop = min(found)
    end = at + len(stop) if form.head_end else at
    name = text[: end if form.name_end == form.head_end else at]
    name = name.partition(form.name_start)[2] if form.name_start else name
    name = name.partition(form.name_end)[0] if form.name_end else name
    name = name.strip()
    return Head(name.partition(" ")[0] if form.one_word else name, end)
