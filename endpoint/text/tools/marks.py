"""Finding marks in text that is still coming. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """`text[:start]` is free of marks; at `start` stands `mark`, or "" when none is known to be there (yet)."""

    start: int
    mark: str = ""


class MarkFinder:
    """Finds the first of several marks, the longest of those that begin at one place."""

    def __init__(self, marks: Iterable[str]) -> None:
        self._marks = tuple(sorted({mark for mark in marks if mark}, key=len, reverse=True))
        self._first = frozenset(mark[0] for mark in self._marks)
        self._longest = len(self._marks[0]) if self._marks else 0
        self._pattern = re.compile("|".join(map(re.escape, self._marks)))

    def find(self, text: str, *, final: bool) -> Found:
        """The first mark. Without one: up to where a mark may be beginning; everything when the text is `final`."""
        if not self._marks:
            return Found(len(text))
        match = self._pattern.search(text)
        limit = match.start() if match else len(text)
        if not final:
            for at in range(max(0, len(text) - self._longest + 1), limit + (match is not None)):
                if text[at] in self._first and self._may_grow(text[at:]):
                    return Found(at)
        return Found(limit, match.group() if match else "")

    def at_start(self, text: str, *, final: bool) -> str | None:
        """The mark that `text` begins with, "" for none; None while that is open."""
        if not final and self._may_grow(text):
            return None
        match = self._pattern.match(text) if self._marks else None
        return match.group() if match else ""

    def _may_grow(self, text: str) -> bool:
        return any(len(mark) > len(text) and mark.startswith(text) for mark in self._marks)


def trim_partial(text: str, mark: str) -> int:
    """How much of `text` is sure not to be the beginning of `mark` at its end."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if mark.startswith(text[-length:]):
            return len(text) - length
    return len(text)


class Balance:
    """Finds where a bracketed value ends, in text that comes in pieces; brackets in quotes don't count."""

    def __init__(self, quotes: str = '"') -> None:
        self._quotes = quotes
        self._depth = 0
        self._quote = ""
        self._escaped = False
        self._pattern = re.compile(rf"[{quotes}\\\[\](){{}}]")

    def advance(self, text: str) -> int | None:
        """Take the next piece; how much of it belongs to the value once that is known, None while it goes on."""
        at = 0
        while at < len(text):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            match = self._pattern.search(text, at)
            if match is None:
                return None
            at = match.end()
            if self._take(match.group()):
                return at
        return None

    def _take(self, char: str) -> bool:
        """Whether that bracket was the last one."""
        if self._quote:
            if char == self._quote:
                self._quote = ""
            self._escaped = char == "\\"
        elif char in self._quotes:
            self._quote = char
        elif char in "{[(":
            self._depth += 1
        elif char in "}])":
            self._depth -= 1
            return self._depth <= 0
        return False
