"""Computes prompt tokens, a chunk a step. Engine thread only.

Each row is alone in its pass: what is computed, and may be reused later, never depends on who else was there. But for
short prompts that arrive together, where a batch makes no difference that counts (`exactness.py`): they share a pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mlx.core as mx

from endpoint.providers.base import Event, Failed
from endpoint.providers.chunks import ChunkSizer
from endpoint.providers.counts import JobCounts
from endpoint.providers.fairness import share_chunk
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State, evaluate, merge

SMALLEST = 64
"""Prompt tokens of a step. Every pass reads all weights, so that fewer cost nearly as much."""
SHORT = 64
"""Tokens that a prompt which shares its pass may still need: all that it has, or what follows a known beginning."""
WIDE = 1024
"""Tokens of such a beginning: all rows of the pass are copied, and padded to the longest."""
PATIENCE = 8
"""Decode steps that running rows may wait for such a pass: it brings them company, and a decode of eight rows costs
little more than one of a single row."""
SCORED_AT_ONCE = 64
"""Prompt tokens whose logits are looked at together: each takes four bytes for every token of the vocabulary."""


class Prefiller:
    """Learns how long a chunk may be. `pass_by` is told a row and its state after each of its chunks. `shares`: whether
    short prompts may share a pass."""

    def __init__(
        self,
        model: Any,
        drawer: TokenDrawer,
        counts: JobCounts,
        pass_by: Callable[[Row, State], None],
        *,
        shares: bool,
    ) -> None:
        self._model = model
        self._drawer = drawer
        self._counts = counts
        self._pass_by = pass_by
        self._shares = shares
        self._chunks = ChunkSizer(smallest=SMALLEST)

    def note_decode(self, rows: int, seconds: float) -> None:
        """What a decode beside it took."""
        self._chunks.learn(0, rows, seconds)

    def step(self, rows: Iterable[Row], *, brief: bool) -> list[Event]:
        """A chunk, shared among the rows that wait for one, and short prompts together; those that failed."""
        waiting = sorted((row for row in rows if row.is_prefilling), key=lambda row: row.job.id)
        if not waiting:
            return []
        started = time.perf_counter()
        together = self._choose_short(waiting, brief=brief)
        done = sum(row.stretch for row in together)
        failed: list[Event | None] = [*self._advance_together(together)]
        alone = [row for row in waiting if row not in together]
        counts = share_chunk([row.stretch for row in alone], self._chunks.size(brief=brief))
        failed += [self._advance(row, count) for row, count in zip(alone, counts, strict=True) if count]
        self._chunks.learn(done + sum(counts), 0, time.perf_counter() - started)
        return [event for event in failed if event is not None]

    def _choose_short(self, waiting: Sequence[Row], *, brief: bool) -> list[Row]:
        """The oldest of those that need little more; none where that is one."""
        if not self._shares:
            return []
        short = [row for row in waiting if row.stretch <= SHORT and row.n_past <= WIDE and not row.job.scores_prompt]
        room = max(self._chunks.size(brief=brief), self._chunks.fitting(PATIENCE))
        longest = max((row.stretch for row in short), default=1)
        chosen = short[: room // longest]
        return chosen if len(chosen) > 1 else []

    def _advance_together(self, rows: Sequence[Row]) -> list[Event]:
        if not rows:
            return []
        counts = [row.stretch for row in rows]
        try:
            self._compute_together(rows, counts)
        except Exception as error:  # the library's own failures have no common type
            return [give_up(row, error) for row in rows]
        for row, count in zip(rows, counts, strict=True):
            self._counts.prefill(row.job, count)
        return []

    def _compute_together(self, rows: Sequence[Row], counts: Sequence[int]) -> None:
        """So many tokens of each in one pass, padded on the right."""
        padding = [max(counts) - count for count in counts]
        tokens = [
            row.tokens[row.n_past : row.n_past + count] + [0] * more
            for row, count, more in zip(rows, counts, padding, strict=True)
        ]
        batch = [merge(caches) for caches in zip(*(row.state or () for row in rows), strict=True)]
        for cache in batch:
            cache.prepare(lengths=counts, right_padding=padding)
        self._model(mx.array(tokens), cache=batch)
        for cache in batch:
            cache.finalize()
        evaluate(batch)
        for place, (row, count) in enumerate(zip(rows, counts, strict=True)):
            row.state = [cache.extract(place) for cache in batch]
            row.n_past += count
        mx.clear_cache()

    def _advance(self, row: Row, count: int) -> Event | None:
        if row.state is None:
            return None
        try:
            self._compute(row, row.state, count)
        except Exception as error:  # the library's own failures have no common type
            return give_up(row, error)
        self._pass_by(row, row.state)
        self._counts.prefill(row.job, count)
        return None

    def _compute(self, row: Row, state: State, count: int) -> None:
        """The row's next tokens; of a job that asks for it, their followers' log-probabilities too. Logits that nobody
        looks at are not computed."""
        done = 0
        while done < count:
            together = min(SCORED_AT_ONCE, count - done) if row.job.scores_prompt else count
            start = row.n_past
            logits = self._model(mx.array([row.tokens[start : start + together]]), cache=state)
            evaluate(state)
            row.n_past += together
            done += together
            if row.job.scores_prompt:
                self._score(row, logits[0], start)
        mx.clear_cache()

    def _score(self, row: Row, logits: mx.array, start: int) -> None:
        """Add what the logits behind the tokens from `start` on tell of the prompt's next ones. What is computed a
        second time adds nothing."""
        prompt = row.job.tokens
        if len(row.tokens) > len(prompt):
            return
        skip = len(row.scores) - 1 - start
        if 0 <= skip < len(logits):
            followers = prompt[start + skip + 1 : start + len(logits) + 1]
            row.scores += self._drawer.score(logits[skip:], followers, row.job.logprobs or 0)


def give_up(row: Row, error: Exception) -> Failed:
    """What a row's reader is told when the library fails."""
    return Failed(row.job.id, f"The generation was given up: MLX failed: {error}")
