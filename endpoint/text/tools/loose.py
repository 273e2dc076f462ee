"""Values that are nearly JSON: Python literals, bare keys, Gemma's string marks. Pure.

`{num:7,s:<|"|>it's<|"|>}`, `{'a': None}` and `[1, "x"]` all become what their writer meant.
"""

from __future__ import annotations

import json
import re

from endpoint.text.tools.formats import STRING_MARK
from endpoint.text.tools.surrogates import mend

MAX_DEPTH = 64

_BLANKS = re.compile(r"\s*")
_WORD = re.compile(r"[^\s,:=\[\]{}()'\"]+")
_QUOTED = {quote: re.compile(rf"((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL) for quote in "'\""}
_ESCAPE = re.compile(r"\\(U00[01][0-9a-fA-F]{5}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_WORDS: dict[str, object] = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_CLOSERS = {"{": "}", "[": "]", "(": ")"}


def parse_loose(text: str) -> object:
    """The value, `text` being all of it. Raises ValueError."""
    parser = _Parser(text)
    value = parser.value(0)
    parser.expect_end()
    return value


def parse_keywords(text: str) -> dict[str, object]:
    """What stands between the brackets of a Python call with keyword arguments. Raises ValueError."""
    parser = _Parser(text + ")")
    members = parser.members(")", 0)
    parser.expect_end()
    return members


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def expect_end(self) -> None:
        self._skip_blanks()
        if self._at < len(self._text):
            raise ValueError(f"unexpected text after a value: {self._text[self._at : self._at + 20]!r}")

    def value(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        self._skip_blanks()
        char = self._text[self._at : self._at + 1]
        if char in ("{", "[", "("):
            self._at += 1
            closer = _CLOSERS[char]
            return self.members(closer, depth + 1) if char == "{" else self._items(closer, depth + 1)
        string = self._string()
        return self._word() if string is None else string

    def members(self, closer: str, depth: int) -> dict[str, object]:
        """Keys and values up to the closing bracket."""
        found: dict[str, object] = {}
        while not self._closes(closer):
            key = self._string()
            key = self._bare_word() if key is None else key
            self._skip_blanks()
            if self._text[self._at : self._at + 1] not in (":", "="):
                raise ValueError(f"no value for {key!r}")
            self._at += 1
            found[key] = self.value(depth)
        return found

    def _items(self, closer: str, depth: int) -> list[object]:
        items = []
        while not self._closes(closer):
            items.append(self.value(depth))
        return items

    def _closes(self, closer: str) -> bool:
        self._skip_blanks()
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip_blanks()
        if self._at >= len(self._text):
            raise ValueError(f"{closer!r} is missing")
        if not self._text.startswith(closer, self._at):
            return False
        self._at += 1
        return True

    def _string(self) -> str | None:
        if self._text.startswith(STRING_MARK, self._at):
            start = self._at + len(STRING_MARK)
            end = self._text.find(STRING_MARK, start)
            if end < 0:
                raise ValueError("a string doesn't end")
            self._at = end + len(STRING_MARK)
            return self._text[start:end]
        pattern = _QUOTED.get(self._text[self._at : self._at + 1])
        if pattern is None:
            return None
        match = pattern.match(self._text, self._at + 1)
        if match is None:
            raise ValueError("a string doesn't end")
        self._at = match.end()
        return mend(_ESCAPE.sub(_unescape, match.group(1)))

    def _word(self) -> object:
        word = self._bare_word()
        if word in _WORDS:
            return _WORDS[word]
        try:
            number: object = json.loads(word)
        except ValueError:
            return word
        return number

    def _bare_word(self) -> str:
        match = _WORD.match(self._text, self._at)
        if match is None:
            raise ValueError(f"unexpected {self._text[self._at : self._at + 1]!r}")
        self._at = match.end()
        return match.group()

    def _skip_blanks(self) -> None:
        match = _BLANKS.match(self._text, self._at)
        self._at = match.end() if match else self._at


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)
