"""One answer between the engine's text and the reply: segments, and what the reply must know at the end.

Owner: the event loop; one AnswerReader a request.
"""

from __future__ import annotations

from endpoint.engine.stream import FinishReason, Usage
from endpoint.protocol.replies import Ending
from endpoint.providers.base import Tokenizer
from endpoint.segments import CallEnd, CallStart, Content, Reasoning, Segment
from endpoint.text.tools.reading import AnswerReading


class AnswerReader:
    """`reading` None: the text is the content. Not `several_calls`: what comes after the first call is left out."""

    def __init__(self, reading: AnswerReading | None, tokenizer: Tokenizer, *, several_calls: bool = True) -> None:
        self._parser = reading.parser() if reading is not None else None
        self._tokenizer = tokenizer
        self._several_calls = several_calls
        self._thoughts: list[str] = []
        self._has_called = False
        self._is_full = False

    def feed(self, text: str) -> list[Segment]:
        """The segments that this text completes."""
        if self._parser is None:
            return [Content(text)]
        return [segment for segment in self._parser.feed(text) if self._take(segment)]

    def finish(self) -> list[Segment]:
        """The last segments, once the text has ended."""
        if self._parser is None:
            return []
        return [segment for segment in self._parser.finish() if self._take(segment)]

    def end(self, reason: FinishReason, usage: Usage) -> Ending:
        """How the answer ended. Reasoning is counted as its text's tokens: near what was drawn, marks left out."""
        thoughts = "".join(self._thoughts)
        reasoning = len(self._tokenizer.encode(thoughts, add_bos=False)) if thoughts else 0
        called = self._has_called and reason is FinishReason.STOP
        return Ending("tool_calls" if called else reason.value, usage, min(reasoning, usage.completion_tokens))

    def _take(self, segment: Segment) -> bool:
        """Whether the segment belongs to the answer."""
        if self._is_full:
            return False
        match segment:
            case Reasoning(text):
                self._thoughts.append(text)
            case CallStart():
                self._has_called = True
            case CallEnd():
                self._is_full = not self._several_calls
        return True
