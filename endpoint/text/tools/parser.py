"""An answer's text, as it comes, into segments: content, reasoning and tool calls, and no markup. Pure.

One SegmentParser an answer, used by one thread. What can't be told yet is held back; what turns out to be no call is
given out as content. Nothing that a model writes raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto

from endpoint.segments import Content, Reasoning, Segment
from endpoint.text.tools.formats import AnswerFormat, CallStyle, ToolFormat
from endpoint.text.tools.marks import MarkFinder
from endpoint.text.tools.object_call import ObjectReader
from endpoint.text.tools.parameter_call import ParameterReader
from endpoint.text.tools.prose import Prose
from endpoint.text.tools.readers import Call, CallReader, Progress, Tools
from endpoint.text.tools.tagged_call import TaggedReader
from endpoint.text.tools.whole_call import PythonReader, read_bare_keys, read_elements

_READERS: Mapping[CallStyle, Callable[[Call], CallReader]] = {
    CallStyle.OBJECT: ObjectReader,
    CallStyle.TAGGED: TaggedReader,
    CallStyle.PARAMETERS: ParameterReader,
    CallStyle.PYTHON: PythonReader,
    CallStyle.BARE_KEYS: read_bare_keys,
    CallStyle.ELEMENTS: read_elements,
}
_LISTS = frozenset({CallStyle.OBJECT, CallStyle.PYTHON})
_BLANKS = " \t\r\n"
_MARKUP = re.compile(r"[<>\[\]|]")
_SPAN_LIMIT = 200
_NO_TOOLS = ToolFormat(CallStyle.OBJECT)


class _State(Enum):
    CONTENT = auto()
    REASONING = auto()
    SPAN = auto()  # after a frame's first mark, up to its second
    BETWEEN = auto()  # among calls
    CALL = auto()
    ENDED = auto()


class SegmentParser:
    """`tools`: what may be called, None when calls aren't read. `opening`: how the prompt opened the answer; what is no
    markup in it is ignored."""

    def __init__(self, answer: AnswerFormat, tools: Tools | None = None, opening: str = "") -> None:
        self._format = answer
        self._tools = tools or {}
        self._form = answer.tools or _NO_TOOLS
        self._reads_calls = answer.tools is not None and bool(tools or answer.tools.content_name)
        if not self._reads_calls:
            self._form = _NO_TOOLS
        # Models put several objects between one pair of marks.
        self._takes_several = self._form.style is CallStyle.OBJECT and self._form.call_end != ""
        self._spans = dict(answer.spans)
        marks = _marks_outside(answer, self._form)
        self._outside = MarkFinder(marks)
        self._inside = MarkFinder((answer.reasoning.end if answer.reasoning else "",))
        self._among = MarkFinder((*marks, self._form.call_end, self._form.section_end))
        self._begin("")
        self._text = opening
        if self._run(final=False) or self._reader is not None:
            self._begin("")
        self._prose.take_blanks()
        self._skipped, self._called = "", True  # the prompt's own markup is never given back

    def feed(self, text: str) -> list[Segment]:
        """The segments that this text completes."""
        self._text += text
        return self._run(final=False)

    def finish(self) -> list[Segment]:
        """What was held back, once it is sure that no more text comes."""
        found = self._run(final=True)
        if self._state is not _State.ENDED:
            self._give_back(found)
            self._say(self._text, found)
            found.extend(map(Content, filter(None, (self._prose.end(),))))
        self._text = ""
        return found

    def _begin(self, text: str) -> None:
        self._state = _State.CONTENT
        self._text = text
        self._prose = Prose()
        self._span = ""  # the first mark of a span that is open
        self._skipped = ""  # markup of calls that may turn out not to be
        self._called = False  # a call came after what is skipped
        self._armed = False  # a call may begin here
        self._reader: CallReader | None = None
        self._index = 0

    def _run(self, *, final: bool) -> list[Segment]:
        found: list[Segment] = []
        while self._step(found, final):
            pass
        return found

    def _step(self, found: list[Segment], final: bool) -> bool:
        """Go on by one mark or one call; whether there may be more to do."""
        match self._state:
            case _State.CONTENT:
                return self._begin_bare() or self._read_prose(self._outside, found, final)
            case _State.REASONING:
                return self._read_prose(self._inside, found, final)
            case _State.SPAN:
                return self._read_span()
            case _State.BETWEEN:
                return self._read_between(found, final)
            case _State.CALL:
                return self._read_call(found, final)
            case _State.ENDED:
                return self._read_ended(final)

    def _read_prose(self, finder: MarkFinder, found: list[Segment], final: bool) -> bool:
        at = finder.find(self._text, final=final)
        text, self._text = self._text[: at.start], self._text[at.start + len(at.mark) :]
        self._say(text, found)
        if at.mark:
            self._take_mark(at.mark)
        return bool(at.mark)

    def _say(self, text: str, found: list[Segment]) -> None:
        shown = self._prose.say(text)
        if shown:
            found.append(Reasoning(shown) if self._state is _State.REASONING else Content(shown))

    def _take_mark(self, mark: str) -> None:
        reasoning = self._format.reasoning
        if self._state is not _State.REASONING and reasoning is not None and mark == reasoning.start:
            self._turn(_State.REASONING)
        elif self._reads_calls and mark in {self._form.section_start, *self._form.call_starts}:
            self._skipped, self._called = self._prose.take_blanks() + mark, False
            self._state = _State.BETWEEN
            self._arm(mark)
        elif mark in self._spans:
            self._span, self._state = mark, _State.SPAN
        else:
            is_reasoning_end = reasoning is not None and mark == reasoning.end
            self._turn(_State.ENDED if mark in self._format.ends and not is_reasoning_end else _State.CONTENT)

    def _turn(self, state: _State) -> None:
        self._state = state
        self._skipped = ""
        self._prose.break_off()

    def _arm(self, mark: str) -> None:
        self._armed = mark in self._form.call_starts or not self._form.call_starts

    def _read_span(self) -> bool:
        end = self._spans[self._span]
        at = self._text.find(end)
        if at < 0 and len(self._text) < _SPAN_LIMIT:
            return False
        self._text = self._text[at + len(end) :] if at >= 0 else self._text
        self._turn(_State.CONTENT)
        return True

    def _read_ended(self, final: bool) -> bool:
        """Only what opens something counts now."""
        at = self._outside.find(self._text, final=final)
        self._text = self._text[at.start :]
        if at.mark in self._format.ends:
            self._text = self._text[len(at.mark) :]
        elif at.mark:
            self._turn(_State.CONTENT)
        return bool(at.mark)

    def _begin_bare(self) -> bool:
        """Whether calls that need no mark may begin here: only where nothing else has been said."""
        rest = self._text.lstrip(_BLANKS)
        if not (self._reads_calls and self._form.is_bare and self._prose.fresh and rest.startswith(("{", "["))):
            return False
        self._skipped, self._text = self._text[: len(self._text) - len(rest)], rest
        self._state, self._armed, self._called = _State.BETWEEN, True, False
        return True

    def _read_between(self, found: list[Segment], final: bool) -> bool:
        rest = self._text.lstrip(_BLANKS + ",;[]" if self._form.style in _LISTS else _BLANKS)
        self._skip(len(self._text) - len(rest))
        mark = self._among.at_start(rest, final=final) if rest else None
        if mark is None:
            return False
        if mark and mark in {*self._form.call_starts, self._form.section_start}:
            self._skip(len(mark))
            if self._called:
                self._skipped, self._called = mark, False
            self._arm(mark)
        elif mark and mark in {self._form.call_end, self._form.section_end}:
            self._skip(len(mark))
            self._end_calls(mark)
        elif mark or not self._armed:
            self._give_back(found)
        else:
            self._reader = _READERS[self._form.style](Call(self._index, self._form, self._tools))
            self._state = _State.CALL
        return True

    def _end_calls(self, mark: str) -> None:
        if mark == self._form.section_end and self._called:
            self._turn(_State.CONTENT)
        elif self._form.call_starts:
            self._armed = False

    def _skip(self, count: int) -> None:
        self._skipped += self._text[:count]
        self._text = self._text[count:]

    def _give_back(self, found: list[Segment]) -> None:
        """Back to content. Markup that no call came after was none."""
        skipped, self._skipped = self._skipped, ""
        if self._state in {_State.BETWEEN, _State.CALL}:
            self._state = _State.CONTENT
            if not self._called:
                self._say(skipped, found)

    def _read_call(self, found: list[Segment], final: bool) -> bool:
        if self._reader is None or not (self._text or final):
            return False
        read = self._reader.read(self._text, final=final)
        self._text = self._text[read.used :]
        if read.segments:
            found.extend(read.segments)
            self._prose.break_off()
            self._skipped, self._called = "", True
        if read.progress is Progress.MORE:
            return False
        self._reader = None
        if read.progress is Progress.DONE:
            self._state, self._index = _State.BETWEEN, self._index + 1
            # Several objects may stand between one pair of marks.
            self._armed = not self._form.call_starts or (
                self._form.style is CallStyle.OBJECT and self._form.call_end != ""
            )
        elif read.progress is Progress.CONTENT:
            self._turn(_State.CONTENT)
        else:
            self._give_back_call(found)
        return True

    def _give_back_call(self, found: list[Segment]) -> None:
        """What was no call isn't tried again: unless a mark stands there, a character of it is content now."""
        self._give_back(found)
        if self._text and not self._outside.at_start(self._text, final=True):
            self._say(self._text[0], found)
            self._text = self._text[1:]
        self._prose.fresh = False


def _marks_outside(answer: AnswerFormat, form: ToolFormat) -> tuple[str, ...]:
    """All that ends a stretch of content."""
    reasoning = (answer.reasoning.start, answer.reasoning.end) if answer.reasoning else ()
    header = answer.header if _MARKUP.search(answer.header) else ""  # else it might be anybody's words
    first_of_spans = (first for first, _ in answer.spans)
    return (
        *reasoning,
        form.section_start,
        *form.call_starts,
        header,
        *answer.frames,
        *first_of_spans,
        *answer.ends,
    )
