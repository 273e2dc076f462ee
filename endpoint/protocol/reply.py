"""What every API family's writer of answers can do: the routes drive it, and know no family. Pure.

An answer has one or more choices, counted from 0. A streamed one is `opening`, then for each choice any number of
`write` and one `end`, then `close`; what these return are whole server-sent events, or nothing. `fail` may come instead
of anything after the opening, and is the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from endpoint.engine.stream import Usage
from endpoint.errors import RequestError
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.segments import Segment

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a choice ended: OpenAI's `finish_reason` ("stop", "length", "tool_calls"), and the counts. `stop`: the stop
    string that ended it."""

    reason: str
    usage: Usage
    reasoning_tokens: int = 0
    stop: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of a choice: what its text became, and its tokens' log-probabilities where they were asked for."""

    segments: Sequence[Segment]
    logprobs: Sequence[TokenLogprobs] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A whole choice."""

    written: Written
    ending: Ending


class Reply(Protocol):
    """Writes one answer. Made once a request; may remember what it has written."""

    @property
    def id(self) -> str:
        """The answer's."""

    def opening(self) -> bytes:
        """The events before any text."""

    def write(self, choice: int, written: Written) -> bytes:
        """A piece of a choice."""

    def end(self, choice: int, ending: Ending) -> bytes:
        """A choice is over."""

    def close(self, endings: Sequence[Ending]) -> bytes:
        """All choices are over; their endings in order."""

    def fail(self, error: RequestError) -> bytes:
        """The answer breaks off."""

    def whole(self, choices: Sequence[Choice]) -> Body:
        """The body of an answer that is not streamed."""
