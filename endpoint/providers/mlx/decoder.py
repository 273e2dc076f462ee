"""Decodes: one token for every ready row, drawn and told. Engine thread only.

Where the next token need not be known to go on (no constraint, no log-probabilities, no penalties in any row), the pass
that computes the one after it is launched before it is read: a GPU then never waits for Python. Whoever changes the
rows settles first: reads what is under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from endpoint.providers.base import Event, Failed, Sampled
from endpoint.providers.mlx.arrays import read_ints
from endpoint.providers.mlx.batch import RowBatch
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State

TIDY_STEPS = 512
"""Between two times that MLX is told to give back what it keeps (as in mlx_lm.generate)."""


class Decoder:
    """Owns the batch of decoding rows. `ahead`: launch the next pass before reading the last one's tokens."""

    def __init__(self, model: Any, drawer: TokenDrawer, *, ahead: bool) -> None:
        self._batch = RowBatch(model)
        self._drawer = drawer
        self._ahead = ahead
        self._steps = 0
        self._drawn: mx.array | None = None  # (rows,): not read yet; every row's `tokens` is computed up to there

    def __len__(self) -> int:
        return len(self._batch.rows)

    def __contains__(self, row: Row) -> bool:
        return row in self._batch.rows

    @property
    def width(self) -> int:
        """Tokens that every row takes the room of."""
        return self._batch.width

    def join(self, row: Row) -> list[Event]:
        """Take a ready row; what the others had under way."""
        events = self.settle()
        self._batch.join(row)
        return events

    def remove(self, row: Row) -> None:
        """Let a row go. What it had under way is forgotten."""
        if self._drawn is not None:
            rest = [place for place, each in enumerate(self._batch.rows) if each is not row]
            self._drawn = self._drawn[mx.array(rest)] if rest else None
        self._batch.remove(row)

    def copy_state(self, row: Row) -> State:
        """What a row's layers remember of its first `n_past` tokens."""
        return self._batch.copy_state(row)

    def clear(self) -> list[Row]:
        """After a failed pass nothing of the batch can be used: the rows that were in it."""
        self._drawn = None
        return self._batch.clear()

    def settle(self) -> list[Event]:
        """Read the tokens that are under way."""
        if self._drawn is None:
            return []
        drawn, self._drawn = self._drawn, None
        return self._take(drawn)

    def step(self) -> list[Event]:
        """The next token of every row that has no others left to compute."""
        rows = self._batch.rows
        if not rows:
            return []
        if self._drawn is not None:
            return self._go_on(self._drawn)
        count = min(row.pending for row in rows)
        together = count if len(rows) == 1 else 1
        self._tidy()
        logits = self._batch.forward(mx.array([row.tokens[row.n_past : row.n_past + together] for row in rows]))
        for row in rows:
            row.n_past += together
        if self._may_run_on(rows):
            drawn = self._drawer.draw_lazily([row.job for row in rows], logits)
            return self._go_on(drawn) if self._ahead else self._take(drawn)
        return self._draw_each(rows, logits)

    def _tidy(self) -> None:
        """Growing caches leave buffers behind that MLX would keep."""
        self._steps += 1
        if self._steps % TIDY_STEPS == 0:
            mx.clear_cache()

    def _go_on(self, drawn: mx.array) -> list[Event]:
        """Launch the pass after these tokens, then read them."""
        rows = self._batch.rows
        self._drawn = None
        if self._ahead and any(row.left > 1 for row in rows):
            self._tidy()
            logits = self._batch.forward(drawn[:, None])
            for row in rows:
                row.n_past += 1
            self._drawn = self._drawer.draw_lazily([row.job for row in rows], logits)
            mx.async_eval(self._drawn)  # type: ignore[no-untyped-call]  # its stub has no types
        return self._take(drawn)

    def _take(self, drawn: mx.array) -> list[Event]:
        events: list[Event] = []
        for row, token in zip(self._batch.rows, read_ints(drawn), strict=True):
            row.tokens.append(token)
            self._drawer.accept(row.job, token)
            events.append(Sampled(row.job.id, token))
        return events

    def _may_run_on(self, rows: Sequence[Row]) -> bool:
        return all(row.pending == 0 and not row.scores and self._drawer.may_stay_lazy(row.job) for row in rows)

    def _draw_each(self, rows: Sequence[Row], logits: mx.array) -> list[Event]:
        mx.eval(logits)
        events: list[Event] = []
        for place, row in enumerate(rows):
            if row.pending == 0:
                events += self._draw(row, logits[place])
        return events

    def _draw(self, row: Row, logits: mx.array) -> Sequence[Event]:
        drawn = self._drawer.draw_now(row.job, logits, row.left)
        row.tokens += [each.token for each in drawn if isinstance(each, Sampled)]
        return self._with_scores(row, drawn)

    def _with_scores(self, row: Row, drawn: Sequence[Sampled | Failed]) -> Sequence[Event]:
        if not row.scores or not drawn or not isinstance(drawn[0], Sampled):
            return drawn
        first = Sampled(drawn[0].job_id, drawn[0].token, drawn[0].logprobs, tuple(row.scores))
        row.scores = []
        return (first, *drawn[1:])
