"""What steps cost, and what follows: prompt tokens and threads for the next one. Engine thread only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.providers.chunks import SMALLEST, ChunkSizer
from endpoint.providers.llamacpp.plan import Slice
from endpoint.providers.llamacpp.threads import ThreadTuner

PREFILL_WINDOW = 2
"""Prefill steps that a number of threads is judged by: they are long, so trials must be short."""


@dataclass(frozen=True, slots=True)
class Work:
    """A step's tokens: rows that decode one, prompt tokens, and others: drafted ones, and more of an answer."""

    decoded: int
    prefilled: int
    drafted: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What a step took: wall time, and processor time of all threads together, in seconds."""

    wall_s: float
    cpu_s: float


class Stopwatch:
    """Measures one step, from its making on. Reading the clocks costs about a microsecond."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> Spent:
        """Since it was made."""
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._cpu)


class Pace:
    """Learns from every step. `threads` is the most that may be used."""

    def __init__(self, largest_chunk: int, threads: int) -> None:
        self._chunks = ChunkSizer(largest_chunk)
        self._most = threads
        self._last = threads
        self._decode: dict[int, ThreadTuner] = {}
        self._prefill = ThreadTuner(threads, window=PREFILL_WINDOW, slower=None)

    def chunk(self, *, brief: bool) -> int:
        """Prompt tokens for the next step."""
        return self._chunks.size(brief=brief)

    def measure(self, slices: Sequence[Slice]) -> Work:
        """A batch's work, before it is computed."""
        decoded = sum(part.row.is_decoding for part in slices)
        drafted = sum(len(part.draft) + part.certain for part in slices)
        return Work(decoded, sum(part.count for part in slices) - decoded - drafted, drafted)

    def threads(self, work: Work) -> int:
        """Threads for a step."""
        return self._tuner(work).choose()

    def learn(self, work: Work, spent: Spent) -> None:
        """Take what a step cost with the threads that were chosen for it. One with drafts is like no other: it tells
        nothing about threads or chunks."""
        if work.drafted:
            return
        self._chunks.learn(work.prefilled, work.decoded, spent.wall_s)
        tuner = self._tuner(work)
        share = spent.cpu_s / (spent.wall_s * tuner.choose())
        tuner.learn(spent.wall_s / max(1, work.prefilled), share)

    def _tuner(self, work: Work) -> ThreadTuner:
        """Steps are comparable among decodes of the same number of rows; prefills by their cost a token."""
        if work.prefilled >= SMALLEST:
            return self._prefill
        if work.decoded not in self._decode:  # a new kind begins with what was right for the last one
            self._decode[work.decoded] = ThreadTuner(self._most, self._last)
        self._last = self._decode[work.decoded].choose()
        return self._decode[work.decoded]
