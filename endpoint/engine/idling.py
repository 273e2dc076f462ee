"""What the engine does while nobody wants anything: it prefills finished answers, so that the next turn finds them.

An answer's state was computed token by token. Where the library rounds differently there than in a prefill, a next turn
that reused it could be answered otherwise than by a server without a past. So only the prompt's state is held at once,
and the answer is prefilled again as part of a prompt, in the time in which its reader reads. Engine thread only.

Invariant: the job in the provider that is none of the loop's is `_job`; it ends before any request is admitted.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endpoint.cache.residency import WORTH_KEEPING
from endpoint.engine.starting import JobStarter, Started
from endpoint.providers.base import Event, Job, Sampling

GRACE_S = 0.05
"""Idle time before it begins: a client that sends its next turn at once doesn't meet a step of this in its way."""
REMEMBERED = 8
"""Answers that may wait for an idle moment; the oldest are forgotten."""
_DRAW = Sampling(temperature=0.0)


@dataclass(frozen=True, slots=True)
class _Noted:
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    key: str | None  # that stands for the prompt


class IdlePrefill:
    """Prefills noted answers one after the other, a small chunk a step, and stops at once when told."""

    def __init__(self, starter: JobStarter) -> None:
        self._starter = starter
        self._noted: deque[_Noted] = deque(maxlen=REMEMBERED)
        self._job: Job | None = None
        self._source: _Noted | None = None
        self._ids = itertools.count(-1, -1)  # requests count upwards

    @property
    def is_running(self) -> bool:
        """Whether the provider computes something for it."""
        return self._job is not None

    @property
    def has_work(self) -> bool:
        """Whether an idle engine has something to begin."""
        return bool(self._noted)

    def note(self, prompt: tuple[int, ...], answer: Sequence[int], key: str | None = None) -> None:
        """A conversation stands at these tokens now; the `key` that goes with it follows. A short answer isn't worth
        the trouble, and one that is held as it was computed needs none."""
        if len(answer) >= WORTH_KEEPING and not self._starter.holds_answers:
            self._noted.append(_Noted(prompt, tuple(answer), key))

    def begin(self) -> None:
        """Hand the next answer to the provider; only while no request runs."""
        while self._noted and self._job is None:
            source = self._noted.popleft()
            tokens = (*source.prompt, *source.answer)
            job = Job(next(self._ids), tokens, max_tokens=1, sampling=_DRAW, background=True)
            if self._starter.is_worth_computing(job) and isinstance(self._starter.try_start(job, ()), Started):
                self._job, self._source = job, source

    def take(self, events: Iterable[Event]) -> None:
        """A step's events: a token or a failure of its job means that the prefill is over."""
        source = self._source
        if self._job is None or all(event.job_id != self._job.id for event in events):
            return
        tokens = self._job.tokens
        self.stop()
        if source is not None and source.key is not None:
            self._starter.advance_to(source.key, source.prompt, tokens)

    def stop(self) -> None:
        """End, and hold what is computed so far."""
        if self._job is not None:
            job, self._job = self._job, None
            self._starter.end(job, (), ())
