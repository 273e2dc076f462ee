"""Calls written as one JSON object: `{"name": …, "arguments": {…}}`, with other members between. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from endpoint.segments import Segment
from endpoint.text.tools.json_value import ArgumentsValue
from endpoint.text.tools.marks import Balance
from endpoint.text.tools.readers import HEAD_LIMIT, NO_CALL, NOT_YET, Call, Progress, Read
from endpoint.text.tools.values import to_json

_MEMBER = re.compile(r"\s*,?\s*\"([^\"\\]*)\"\s*:\s*")
_PLAIN_VALUE = r"(?:\"[^\"\\]*\"|-?\d+|null|true|false)"
_OTHER_NAMES = {"arguments": ("parameters", "args"), "parameters": ("arguments", "args")}
"""Keys that models write for their template's own."""


class ObjectReader:
    """The name first, as nearly all write it: arguments come out as they are read. Else: once the object is whole."""

    def __init__(self, call: Call) -> None:
        form = call.format
        self._call = call
        self._keys = (form.arguments_key, *_OTHER_NAMES.get(form.arguments_key, ()))
        head = rf"\s*\{{\s*(?:\"(?!{re.escape(form.name_key)}\")[^\"\\]*\"\s*:\s*{_PLAIN_VALUE}\s*,\s*)*"
        name = rf"\"{re.escape(form.name_key)}\"\s*:\s*\"([^\"\\]+)\"(?=\s*[,}}])" if form.name_key else _KEY_AS_NAME
        self._head = re.compile(head + name if form.name_key else r"\s*\{\s*" + name)
        self._whole = Balance()
        self._seen = 0
        self._named = False
        self._value: ArgumentsValue | None = None
        self._skipped: ArgumentsValue | None = None
        self._answered = False

    def read(self, text: str, *, final: bool) -> Read:
        """See `CallReader`."""
        if not self._named:
            return self._read_name(text, final)
        return self._read_members(text, 0, (), final)

    def _read_name(self, text: str, final: bool) -> Read:
        match = self._head.match(text)
        if match is not None and self._call.accepts(match.group(1)):
            self._named = True
            if not self._call.format.name_key:
                self._value = ArgumentsValue()
            return self._read_members(text, match.end(), (self._call.start(match.group(1)),), final)
        if match is not None or not _may_be_object(text):
            return NO_CALL
        return self._read_whole(text, final)

    def _read_whole(self, text: str, final: bool) -> Read:
        """The name comes late, or it is no call."""
        if not self._looks_like_call(text):
            return NO_CALL
        end = self._whole.advance(text[self._seen :])
        if end is None:
            self._seen = len(text)
            return NO_CALL if final else NOT_YET
        end += self._seen
        found = _load(text[:end])
        name = found.get(self._call.format.name_key)
        if not isinstance(name, str) or not self._call.accepts(name):
            return NO_CALL
        arguments = next((found[key] for key in self._keys if key in found), {})
        shown = arguments if isinstance(arguments, str) else to_json({} if arguments is None else arguments)
        return Read(end, Progress.DONE, self._call.whole(name, shown))

    def _looks_like_call(self, text: str) -> bool:
        """Whether it begins with something that isn't just any object."""
        if len(text) < HEAD_LIMIT:
            return True
        return any(f'"{key}"' in text[:HEAD_LIMIT] for key in (self._call.format.name_key, *self._keys))

    def _read_members(self, text: str, at: int, segments: tuple[Segment, ...], final: bool) -> Read:
        while True:
            if self._value is not None or self._skipped is not None:
                piece = (self._value or self._skipped or ArgumentsValue()).read(text[at:], final=final)
                at += piece.used
                if self._value is not None:
                    segments += self._call.arguments(piece.text)
                if not piece.done:
                    return self._pause(at, segments, final)
                self._value = self._skipped = None
            match = _MEMBER.match(text, at)
            if match is None:
                return self._read_end(text, at, segments, final)
            if match.end() == len(text) and not final:
                return Read(at, Progress.MORE, segments)
            at = match.end()
            if match.group(1) in self._keys and not self._answered:
                self._value, self._answered = ArgumentsValue(), True
            else:
                self._skipped = ArgumentsValue()

    def _read_end(self, text: str, at: int, segments: tuple[Segment, ...], final: bool) -> Read:
        """The closing bracket; a member that is still coming; or something that doesn't belong here."""
        rest = text[at:].lstrip()
        if rest.startswith("}"):
            return self._finish(len(text) - len(rest) + 1, segments)
        open_ended = not rest or rest[0] in ',"'
        if open_ended and not final and len(rest) < HEAD_LIMIT:
            return Read(at, Progress.MORE, segments)
        return self._finish(at, segments)

    def _finish(self, at: int, segments: tuple[Segment, ...]) -> Read:
        needs_arguments = not self._answered and self._call.format.name_key
        filler = self._call.arguments("{}" if needs_arguments else "")
        return Read(at, Progress.DONE, (*segments, *filler, self._call.end()))

    def _pause(self, at: int, segments: tuple[Segment, ...], final: bool) -> Read:
        if final:
            return Read(at, Progress.DONE, (*segments, self._call.end()))
        return Read(at, Progress.MORE, segments)


_KEY_AS_NAME = r"\"([^\"\\]+)\"\s*:\s*(?=[{\[\"])"


def _may_be_object(text: str) -> bool:
    rest = text.lstrip()
    return not rest or rest.startswith("{")


def _load(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
