"""Calls whose parameters each stand in markup: `<parameter=city>Rome</parameter>` and its kin. Pure.

Values are text there; the tool's schema, or a type written beside the key, says what they mean. A string is given out
as it comes, anything else once it is whole.
"""

from __future__ import annotations

import re

from endpoint.segments import Segment
from endpoint.text.tools.marks import MarkFinder, trim_partial
from endpoint.text.tools.readers import Call, Progress, Read, read_head
from endpoint.text.tools.values import NO_SCHEMA, Kind, Schema, kind_of, member, parse_value, to_json

_ATTRIBUTE = re.compile(r"""(string|type)\s*=\s*["']?([a-z]+)""")
_ATTRIBUTE_LIMIT = 200
_WRAPPER = ("<![CDATA[", "]]>")


class ParameterReader:
    """After the head: parameters, each a key, perhaps attributes, and a value."""

    def __init__(self, call: Call) -> None:
        form = call.format
        self._call = call
        self._schema: Schema | None = None
        self._between = MarkFinder((form.key_start, form.call_end, form.section_end))
        self._line = "\n" if form.value_lines else ""
        self._keys = 0
        self._kind: Kind | None = None
        self._in_string = False
        self._end = ""  # what ends the value that is being read

    def read(self, text: str, *, final: bool) -> Read:
        """See `CallReader`."""
        if self._schema is not None:
            return self._read_parameters(text, 0, (), final)
        head = read_head(text, self._call.format, final=final)
        if isinstance(head, Progress):
            return Read(0, head)
        if not self._call.accepts(head.name):
            return Read(0, Progress.NO_CALL)
        self._schema = self._call.schema(head.name)
        return self._read_parameters(text, head.end, (self._call.start(head.name),), final)

    def _read_parameters(self, text: str, at: int, segments: tuple[Segment, ...], final: bool) -> Read:
        while True:
            if self._kind is not None:
                at, shown, over = self._read_value(text, at, final)
                segments += self._call.arguments(shown)
                if not over:
                    break
            start = len(text) - len(text[at:].lstrip())
            mark = self._between.at_start(text[start:], final=final)
            if mark is None or (start == len(text) and not final):
                return Read(at, Progress.MORE, segments)
            if not mark or mark != self._call.format.key_start:
                return self._finish(start if mark else at, segments)
            opened = self._open_value(text, start + len(mark), final)
            if opened is None:
                break
            at, shown = opened
            segments += self._call.arguments(shown)
        if final:
            return Read(len(text), Progress.DONE, (*segments, self._call.end()))
        return Read(at, Progress.MORE, segments)

    def _open_value(self, text: str, at: int, final: bool) -> tuple[int, str] | None:
        """A key and what stands before its value; None while that is incomplete."""
        form = self._call.format
        key_end = text.find(form.key_end, at)
        if key_end < 0:
            return None
        after = key_end + len(form.key_end)
        if form.value_start:
            start = text.find(form.value_start, after, after + _ATTRIBUTE_LIMIT)
            if start < 0:
                return None if not final and len(text) < after + _ATTRIBUTE_LIMIT else (after, "")
        else:
            start = after
        key = text[at:key_end].strip()
        self._kind = _stated_kind(text[after:start]) or kind_of(member(self._schema or NO_SCHEMA, key))
        self._in_string = False
        self._keys += 1
        opener = "{" if self._keys == 1 else ", "
        return start + len(form.value_start), f"{opener}{to_json(key)}: "

    def _read_value(self, text: str, at: int, final: bool) -> tuple[int, str, bool]:
        """Where reading goes on, what to give out, and whether the value is over."""
        if not self._end:
            at = self._find_wrapper(text, at, final)
            if not self._end:
                return at, "", False
        end = text.find(self._end, at)
        if self._kind is Kind.TEXT:
            return self._read_string(text, at, end, final)
        if end < 0:
            return at, to_json(text[at:]) if final else "", False
        value = text[at:end].removeprefix(self._line).removesuffix(self._line)
        shown = to_json(parse_value(value, self._kind or Kind.GUESS))
        return self._end_value(end), shown, True

    def _find_wrapper(self, text: str, at: int, final: bool) -> int:
        """What ends the value; open while it may still turn out to be wrapped."""
        end = self._call.format.value_end
        rest = text[at:]
        if not self._call.format.wrapped:
            self._end = end
        elif rest.startswith(_WRAPPER[0]):
            self._end = _WRAPPER[1] + end
            return at + len(_WRAPPER[0])
        elif final or not _WRAPPER[0].startswith(rest):
            self._end = end
        return at

    def _read_string(self, text: str, at: int, end: int, final: bool) -> tuple[int, str, bool]:
        shown = ""
        if not self._in_string:
            if at == len(text) and not final:
                return at, "", False  # a line break may come first, and that one is markup
            self._in_string = True
            at += len(self._line) if at != end and text.startswith(self._line, at) else 0
            shown = '"'
        if end < 0:
            stop = len(text) if final else self._safe_end(text, at)
            return stop, shown + to_json(text[at:stop])[1:-1], False
        shown += to_json(text[at:end].removesuffix(self._line))[1:-1] + '"'
        return self._end_value(end), shown, True

    def _end_value(self, end: int) -> int:
        end += len(self._end)
        self._kind, self._end = None, ""
        return end

    def _safe_end(self, text: str, at: int) -> int:
        """Up to where a string is sure to go on; a line break before the end mark is markup."""
        stop = at + trim_partial(text[at:], self._end)
        return stop - 1 if self._line and stop > at and text[stop - 1] == self._line else stop

    def _finish(self, at: int, segments: tuple[Segment, ...]) -> Read:
        closing = self._call.arguments("}" if self._keys else "{}")
        return Read(at, Progress.DONE, (*segments, *closing, self._call.end()))


def _stated_kind(attributes: str) -> Kind | None:
    """The type that is written beside a key: `string="true"`, `type="number"`."""
    match = _ATTRIBUTE.search(attributes)
    if match is None:
        return None
    return Kind.TEXT if match.groups() in {("string", "true"), ("type", "string")} else Kind.JSON
