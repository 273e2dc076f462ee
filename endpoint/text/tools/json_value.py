"""Gives out one JSON value as it comes. Pure; one instance a value."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from endpoint.text.tools.marks import Balance
from endpoint.text.tools.surrogates import mend

_SCALAR = re.compile(r"[^\s,}\]<\[]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` to give out for the `used` characters; `done`: the value is over."""

    text: str
    used: int
    done: bool


class ArgumentsValue:
    """Arguments as JSON: an object as it is, piece by piece; a string, which some models write, as what it holds.

    What isn't JSON at all is handed on as it is, up to `until`.
    """

    def __init__(self, until: str = "") -> None:
        self._until = until
        self._balance: Balance | None = None

    def read(self, text: str, *, final: bool) -> Piece:
        """Go on with the text that is unread."""
        if self._balance is not None:
            return self._go_on(text)
        start = len(text) - len(text.lstrip())
        char = text[start : start + 1]
        if not char:
            return Piece("", 0, final)
        if char in "{[":
            self._balance = Balance()
            piece = self._go_on(text[start:])
            return Piece(piece.text, start + piece.used, piece.done)
        return _read_string(text, start, final) if char == '"' else self._read_plain(text, start, final)

    def _go_on(self, text: str) -> Piece:
        end = self._balance.advance(text) if self._balance is not None else None
        return Piece(text, len(text), done=False) if end is None else Piece(text[:end], end, done=True)

    def _read_plain(self, text: str, start: int, final: bool) -> Piece:
        if self._until:
            end = text.find(self._until, start)
            if end >= 0:
                return Piece(text[start:end].strip(), end, done=True)
            end = len(text) if final else 0
            return Piece(text[start:end].strip(), end, done=final)
        match = _SCALAR.match(text, start)
        end = match.end() if match else start
        if end == len(text) and not final:
            return Piece("", 0, done=False)
        word = text[start:end]
        return Piece("{}" if word in {"null", "None"} else word, end, done=True)


def _read_string(text: str, start: int, final: bool) -> Piece:
    """A JSON string whose content is the arguments."""
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except ValueError:
        return Piece(text[start:], len(text), done=True) if final else Piece("", 0, done=False)
    return Piece(mend(value), end, done=True)
