"""Calls whose name stands in markup and whose arguments are JSON: `[TOOL_CALLS]name[ARGS]{…}` and its kin. Pure."""

from __future__ import annotations

from endpoint.segments import Segment
from endpoint.text.tools.json_value import ArgumentsValue
from endpoint.text.tools.readers import Call, Progress, Read, read_head


class TaggedReader:
    """Gives out the arguments as they come."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._value: ArgumentsValue | None = None
        self._answered = False

    def read(self, text: str, *, final: bool) -> Read:
        """See `CallReader`."""
        if self._value is not None:
            return self._read_value(text, 0, (), final)
        head = read_head(text, self._call.format, final=final)
        if isinstance(head, Progress):
            return Read(0, head)
        if head.name == self._call.format.content_name != "":
            return Read(head.end, Progress.CONTENT)
        if not self._call.accepts(head.name):
            return Read(0, Progress.NO_CALL)
        form = self._call.format
        until = form.call_end or form.section_end or next(iter(form.call_starts), "")
        self._value = ArgumentsValue(until)
        return self._read_value(text, head.end, (self._call.start(head.name),), final)

    def _read_value(self, text: str, at: int, segments: tuple[Segment, ...], final: bool) -> Read:
        if self._value is None:
            return Read(at, Progress.DONE, segments)
        piece = self._value.read(text[at:], final=final)
        segments += self._call.arguments(piece.text)
        self._answered = self._answered or bool(piece.text)
        if not (piece.done or final):
            return Read(at + piece.used, Progress.MORE, segments)
        filler = () if self._answered else self._call.arguments("{}")
        return Read(at + piece.used, Progress.DONE, (*segments, *filler, self._call.end()))
