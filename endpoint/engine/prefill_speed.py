"""How fast prompts are computed, learned from steps in which nothing else was done. Written by the engine thread, read
by any.

A request's last chunk may be a few tokens that cost as much as fifty, and a library may return from a step before its
work is done, and wait in the next one. So what counts is a run of such steps, and only if it computed enough.
"""

from __future__ import annotations

ENOUGH = 32
"""Tokens of the shortest run that tells a speed."""


class PrefillSpeed:
    """`per_s`: tokens a second over all runs since the start; None before the first. Seconds are wall time."""

    def __init__(self) -> None:
        self.per_s: float | None = None
        self._tokens = 0
        self._seconds = 0.0
        self._run_tokens = 0
        self._run_s = 0.0
        self._step_s: float | None = None
        self._counted = 0

    def note_step(self, seconds: float) -> None:
        """A step in which no answer went on; `note_count` follows."""
        self._step_s = seconds

    def note_count(self, prefilled: int) -> None:
        """So many prompt tokens have been computed since the start. Another step than those that are noted, and one
        that computed none, ends a run."""
        tokens, self._counted = prefilled - self._counted, prefilled
        seconds, self._step_s = self._step_s, None
        if seconds is None or not tokens:
            self._end_run()
            return
        self._run_tokens += tokens
        self._run_s += seconds
        self._tell(self._run_tokens, self._run_s)

    def _end_run(self) -> None:
        if self._run_tokens >= ENOUGH:
            self._tokens += self._run_tokens
            self._seconds += self._run_s
        self._run_tokens, self._run_s = 0, 0.0

    def _tell(self, tokens: int, seconds: float) -> None:
        seconds += self._seconds
        if tokens >= ENOUGH and seconds > 0:
            self.per_s = (self._tokens + tokens) / seconds
