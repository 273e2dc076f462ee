"""Counts what the engine does. Written by the engine thread, a few additions a step; read by any thread.

A reader may see a step half counted (its seconds, not yet its tokens). No count ever goes down.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass

from endpoint.engine.metrics import STEP_BOUNDS_S, FailureNote, Outcome, PromptCounts, Rates, StepTimes
from endpoint.engine.prefill_speed import PrefillSpeed

WINDOW_S = 10.0
"""How far back rates look."""
_BEAT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    prefilled: int
    generated: int


class Meter:
    """`now` is time.monotonic() seconds."""

    def __init__(self) -> None:
        self.generated = 0
        self.embedded = 0
        self.prefill = PrefillSpeed()
        self.last_failure: FailureNote | None = None
        self._prompts = (0, 0)
        self._outcomes = dict.fromkeys(Outcome, 0)
        self._step_counts = [0] * (len(STEP_BOUNDS_S) + 1)
        self._step_s = 0.0
        self._samples: deque[_Sample] = deque([_Sample(time.monotonic(), 0, 0)], maxlen=int(WINDOW_S / _BEAT_S))

    def count_step(self, seconds: float) -> None:
        """A step that had something to compute."""
        self._step_counts[bisect_left(STEP_BOUNDS_S, seconds)] += 1
        self._step_s += seconds

    def count_end(self, outcome: Outcome) -> None:
        """A request that is over."""
        self._outcomes[outcome] += 1

    def count_failure(self, told: str) -> None:
        """A request that is over because we failed. `told` must not quote it: everyone who may ask is told."""
        self.count_end(Outcome.FAILED)
        self.last_failure = FailureNote(time.time(), told)

    def count_prompt(self, tokens: int, cached: int) -> None:
        """A request has begun: so many tokens of its prompt, of which so many are there already."""
        self._prompts = (self._prompts[0] + tokens, self._prompts[1] + cached)

    def take_count(self, now: float, prefilled: int) -> None:
        """After each step: how many prompt tokens were computed so far."""
        self.sample(now, prefilled)
        self.prefill.note_count(prefilled)

    def sample(self, now: float, prefilled: int) -> None:
        """Remember the counts, at most once a second: what rates are taken from."""
        if now - self._samples[-1].at >= _BEAT_S:
            self._samples.append(_Sample(now, prefilled, self.generated))

    def rates(self, now: float, prefilled: int) -> Rates:
        """Tokens a second since the oldest sample; zero within the first instant."""
        oldest = self._samples[0]
        seconds = now - oldest.at
        if seconds <= 0:
            return Rates(0.0, 0.0)
        return Rates((prefilled - oldest.prefilled) / seconds, (self.generated - oldest.generated) / seconds)

    def steps(self) -> StepTimes:
        """The histogram so far."""
        return StepTimes(tuple(self._step_counts), self._step_s)

    def prompts(self) -> PromptCounts:
        """All prompts so far."""
        return PromptCounts(*self._prompts, self.prefill.per_s)

    def outcomes(self) -> dict[Outcome, int]:
        """Every outcome with its count."""
        return dict(self._outcomes)


def outline(message: str) -> str:
    """A provider's message up to its second colon: what a library says comes behind that, and may quote a prompt."""
    return ": ".join(message.split(": ")[:2]).rstrip(".") + "."
