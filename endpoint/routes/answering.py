"""One choice of an answer, between the engine's stream and the reply: segments, and what is to be known at its end.

Owner: the event loop; one AnswerReader a choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.cache.report import CacheReport
from endpoint.engine.stream import Delta, Failure, Finish, FinishReason, Stream
from endpoint.protocol.reply import Ending, Written
from endpoint.routes.remembering import Remember
from endpoint.segments import CallEnd, CallStart, Content, Reasoning, Segment
from endpoint.text.tools.reading import AnswerReading


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of the choice; with its ending, the last."""

    written: Written
    ending: Ending | None = None


class AnswerReader:
    """`reading` None: the text is the content. Not `several_calls`: the first call ends the answer. `opening`: content
    that comes with the first piece, before what is generated.

    Tokens count as reasoning from the first that shows some to the last before anything else is shown: the mark that
    ends it counts too. `remember` is told of the whole answer.
    """

    def __init__(
        self,
        reading: AnswerReading | None,
        stream: Stream,
        *,
        several_calls: bool = True,
        opening: str = "",
        remember: Remember | None = None,
    ) -> None:
        self._parser = reading.parser() if reading is not None else None
        self._stream = stream
        self._several_calls = several_calls
        self._opening = opening
        self._remember = remember
        self._said: list[Segment] = []
        self._has_called = False
        self._is_full = False
        self._is_thinking = False
        self._tokens = 0
        self._reasoning_tokens = 0

    async def next(self, timeout_s: float | None = None) -> Step | None:
        """The next piece; None when none came within `timeout_s` seconds. Raises the stream's own error."""
        match await self._stream.next(timeout_s):
            case None:
                return None
            case Delta(text, tokens, logprobs):
                return Step(Written(self._open(self._feed(text, tokens)), logprobs))
            case Finish() as finish:
                segments = self._finish(finish.usage.completion_tokens - self._tokens)
                if self._remember is not None:
                    await self._remember([*self._said, *segments])
                return Step(Written(self._open(segments), finish.logprobs), self._end(finish))
            case Failure(error):
                raise error

    async def report(self, timeout_s: float) -> CacheReport | None:
        """What the prompt cache did; None when there was no row within `timeout_s` seconds."""
        return await self._stream.report(timeout_s)

    def close(self) -> None:
        """The reader is done or gone: stop generating."""
        self._stream.close()

    def _open(self, segments: list[Segment]) -> list[Segment]:
        if not self._opening:
            return segments
        opening, self._opening = self._opening, ""
        return [Content(opening), *segments]

    def _feed(self, text: str, tokens: int) -> list[Segment]:
        if self._parser is None:
            segments: list[Segment] = [Content(text)] if text else []
        else:
            segments = self._take(self._parser.feed(text), tokens)
        if self._remember is not None:
            self._said += segments
        return segments

    def _finish(self, tokens: int) -> list[Segment]:
        return [] if self._parser is None else self._take(self._parser.finish(), tokens)

    def _take(self, segments: list[Segment], tokens: int) -> list[Segment]:
        """Those that belong to the answer."""
        taken = [segment for segment in segments if self._belongs(segment)]
        shows_reasoning = any(isinstance(segment, Reasoning) for segment in taken)
        if shows_reasoning or (self._is_thinking and not taken):
            self._reasoning_tokens += tokens
        if taken:
            self._is_thinking = isinstance(taken[-1], Reasoning)
        self._tokens += tokens
        return taken

    def _belongs(self, segment: Segment) -> bool:
        if self._is_full:
            return False
        match segment:
            case CallStart():
                self._has_called = True
            case CallEnd() if not self._several_calls:
                self._is_full = True
                self._stream.end_early()
        return True

    def _end(self, finish: Finish) -> Ending:
        called = self._has_called and finish.reason is FinishReason.STOP
        reason = "tool_calls" if called else finish.reason.value
        return Ending(reason, finish.usage, self._reasoning_tokens, finish.stop)
