"""Calls that are read when they are whole: Python calls, objects with bare keys, nested elements. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from endpoint.text.tools.elements import parse_elements
from endpoint.text.tools.loose import parse_keywords, parse_loose
from endpoint.text.tools.marks import Balance
from endpoint.text.tools.readers import HEAD_LIMIT, NO_CALL, NOT_YET, Call, Progress, Read, read_head
from endpoint.text.tools.values import Schema, to_json

_PYTHON_HEAD = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*\(")
_PYTHON_BEGINNING = re.compile(r"\s*([A-Za-z_][\w.\-]*)?\s*")


class PythonReader:
    """`name(key='value', n=7)`."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._balance = Balance("\"'")
        self._seen = 0

    def read(self, text: str, *, final: bool) -> Read:
        """See `CallReader`."""
        head = _PYTHON_HEAD.match(text)
        if head is None:
            may_grow = _PYTHON_BEGINNING.fullmatch(text) and len(text) < HEAD_LIMIT and not final
            return NOT_YET if may_grow else NO_CALL
        if not self._call.accepts(head.group(1)):
            return NO_CALL
        self._seen = max(self._seen, head.end() - 1)
        end = self._balance.advance(text[self._seen :])
        if end is None:
            self._seen = len(text)
            cut_off = self._call.whole(head.group(1), text[head.end() :])
            return Read(len(text), Progress.DONE, cut_off) if final else NOT_YET
        end += self._seen
        arguments = _convert(text[head.end() : end - 1], parse_keywords)
        return Read(end, Progress.DONE, self._call.whole(head.group(1), arguments))


class MarkedReader:
    """The name in markup, then all up to the call's end mark, which stays unread."""

    def __init__(self, call: Call, parse: Callable[[str, Schema], object]) -> None:
        self._call = call
        self._parse = parse
        self._seen = 0

    def read(self, text: str, *, final: bool) -> Read:
        """See `CallReader`."""
        head = read_head(text, self._call.format, final=final)
        if isinstance(head, Progress):
            return Read(0, head)
        if not self._call.accepts(head.name):
            return NO_CALL
        mark = self._call.format.call_end
        end = text.find(mark, max(head.end, self._seen - len(mark)))
        self._seen = len(text)
        if end < 0 and not final:
            return NOT_YET
        written = text[head.end : end if end >= 0 else len(text)]
        schema = self._call.schema(head.name)
        arguments = _convert(written, lambda each: self._parse(each, schema)) if end >= 0 else written
        return Read(head.end + len(written), Progress.DONE, self._call.whole(head.name, arguments))


def read_bare_keys(call: Call) -> MarkedReader:
    """`call:name{key:value}`: the head ends with the opening bracket."""
    return MarkedReader(call, lambda text, _: parse_loose("{" + text))


def read_elements(call: Call) -> MarkedReader:
    """`<key>value</key>` with a prefix before each mark."""
    return MarkedReader(call, lambda text, schema: parse_elements(text, schema, call.format.prefix))


def _convert(written: str, parse: Callable[[str], object]) -> str:
    """As JSON; as it is written when it can't be read."""
    try:
        return to_json(parse(written))
    except ValueError:
        return written
