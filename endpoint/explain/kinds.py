"""What kind of change it is where two prompts part: a clock, a counter, a name, blanks. By texts alone. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

WINDOW = 32
"""Characters on each side that say what a changed word belongs to."""


class Kind(StrEnum):
    """In words that complete "…: "."""

    TIME = "a timestamp"
    DATE = "a date"
    NUMBER = "a number"
    IDENTIFIER = "an identifier"
    BLANKS = "blanks only"
    TEXT = "other words"
    LONGER = "it goes on"
    SHORTER = "it ends sooner"


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?|\b1[5-9]\d{8}(?:\d{3})?\b")
_DAY = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}\.? {_MONTH}|{_MONTH} \d{{1,2}}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]{4,}|\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{8,}\b", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")

_PATTERNS = ((Kind.TIME, _CLOCK), (Kind.DATE, _DAY), (Kind.IDENTIFIER, _IDENTIFIER), (Kind.NUMBER, _NUMBER))


def find_kind(earlier: str, later: str, at: int) -> Kind:
    """Of two texts that are the same up to `at`."""
    for kind, pattern in (
        (Kind.TIME, _CLOCK),
        (Kind.DATE, _DAY),
        (Kind.IDENTIFIER, _IDENTIFIER),
        (Kind.NUMBER, _NUMBER),
    ):
        if _has(pattern, earlier, at) and _has(pattern, later, at):
            return kind
    if _join(earlier[at:]) == _join(later[at:]) or _differs_in_blanks(earlier, later, at):
        return Kind.BLANKS
    if not earlier[at:].strip():
        return Kind.LONGER
    return Kind.TEXT if later[at:].strip() else Kind.SHORTER


def _has(pattern: re.Pattern[str], text: str, at: int) -> bool:
    """Whether what it finds has the character `at` in it, or ends there."""
    start = max(0, at - WINDOW)
    return any(
        found.start() + start <= at <= found.end() + start for found in pattern.finditer(text[start : at + WINDOW])
    )


def _differs_in_blanks(earlier: str, later: str, at: int) -> bool:
    """Whether what follows is the same for a while, once blanks are left out, and one of them has a blank there."""
    one, other = _join(earlier[at : at + 4 * WINDOW])[:WINDOW], _join(later[at : at + 4 * WINDOW])[:WINDOW]
    has_blank = earlier[at : at + 1].isspace() or later[at : at + 1].isspace()
    return has_blank and bool(one) and one == other


def _join(text: str) -> str:
    return "".join(text.split())
