"""A generation's results on their way from the engine thread to the event loop.

The engine thread collects a step's events and wakes the loop once for all of them (`Outbox`); each `Stream` belongs to
the loop. Nothing here calls back into the engine but `Stream.close` and `Stream.end_early`, which post commands.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from endpoint.cache.report import CacheReport
from endpoint.errors import RequestError
from endpoint.providers.logprobs import TokenLogprobs


class FinishReason(StrEnum):
    """OpenAI's names."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one generation; `cached_tokens` of the prompt's were not prefilled again."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """New text: never half a character, never part of a stop string; empty only where `logprobs` is not.

    `tokens`: how many tokens were drawn since the last delta, this text's among them.
    """

    text: str
    tokens: int = 1
    logprobs: tuple[TokenLogprobs, ...] = ()


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of a generation that went well. `stop`: the stop string that ended it; `logprobs` of the tokens
    since the last delta."""

    reason: FinishReason
    usage: Usage
    stop: str | None = None
    logprobs: tuple[TokenLogprobs, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """The last event of a generation that did not."""

    error: RequestError


@dataclass(frozen=True, slots=True)
class Opened:
    """The generation has a row; what the prompt cache did for it. Comes first, and isn't among what `next` gives."""

    report: CacheReport


StreamEvent = Opened | Delta | Finish | Failure


class Stream:
    """One generation as the event loop sees it: `await next(timeout_s)` until Finish or Failure, then `close()`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_close: Callable[[], None], on_enough: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._on_close = on_close
        self._on_enough = on_enough
        self._events: deque[Delta | Finish | Failure] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._begun = asyncio.Event()
        self._report: CacheReport | None = None
        self._done = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that this stream's events must be delivered on."""
        return self._loop

    def deliver(self, event: StreamEvent) -> None:
        """Append an event. On the loop's thread only."""
        self._begun.set()
        if isinstance(event, Opened):
            self._report = event.report
            return
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def report(self, timeout_s: float | None = None) -> CacheReport | None:
        """What the prompt cache did, as soon as the generation has a row; None when it had none within `timeout_s`
        seconds, or failed before."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), timeout_s)
        return self._report

    async def next(self, timeout_s: float | None = None) -> Delta | Finish | Failure | None:
        """The next event in order; None when none came within `timeout_s` seconds."""
        if not self._events:
            self._waiter = self._loop.create_future()
            try:
                await asyncio.wait_for(self._waiter, timeout_s)
            except TimeoutError:
                return None
            finally:
                self._waiter = None
        event = self._events.popleft()
        self._done = self._done or not isinstance(event, Delta)
        return event

    def end_early(self) -> None:
        """The reader has enough: a Finish will come soon, with what was counted till then; text may come before it."""
        if not self._done:
            self._on_enough()

    def close(self) -> None:
        """The reader is done or gone: stop generating. Does nothing after the last event was read."""
        if not self._done:
            self._done = True
            self._on_close()


class Outbox:
    """The events of one engine step. On the engine thread."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Stream, StreamEvent]] = []

    def put(self, stream: Stream, event: StreamEvent) -> None:
        """Keep an event until `flush`."""
        self._waiting.append((stream, event))

    def flush(self) -> None:
        """Hand over all events with one wake-up of the loop; a loop that is gone takes nothing."""
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to read
            batch[0][0].loop.call_soon_threadsafe(_deliver_all, batch)


def _deliver_all(batch: list[tuple[Stream, StreamEvent]]) -> None:
    for stream, event in batch:
        stream.deliver(event)
