"""Decodes: one token for every ready row, drawn and told. Engine thread only.

Where the next token need not be known to go on (no constraint, no log-probabilities, no penalties in any row), the pass
that computes the one after it is launched before it is read: a GPU then never waits for Python. Whoever changes the
rows settles first: reads what is under way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from endpoint.providers.base import Event, Failed, Sampled
from endpoint.providers.mlx.arrays import read_ints
from endpoint.providers.mlx.batch import RowBatch
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.speculation import SoloSpeculator
from endpoint.providers.mlx.state import State

TIDY_STEPS = 512
"""Between two times that MLX is told to give back what it keeps (as in mlx_lm.generate)."""


class Decoder:
    """Owns the batch of decoding rows. `ahead`: launch the next pass before reading the last one's tokens; then nobody
    gets drafts."""

    def __init__(self, model: Any, drawer: TokenDrawer, speculator: SoloSpeculator, *, ahead: bool) -> None:
        self._batch = RowBatch(model)
        self._drawer = drawer
        self._speculator = speculator
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
        rows = self._batch.clear()
        for row in rows:
            self._speculator.forget(row.job.id)
        return rows

    def settle(self) -> list[Event]:
        """Read the tokens that are under way."""
        if self._drawn is None:
            return []
        drawn, self._drawn = self._drawn, None
        return self._take(drawn)

    def step(self) -> list[Event]:
        """The next token of every row that has no others left to compute; of a row alone perhaps several."""
        rows = self._batch.rows
        if self._drawn is not None:
            return self._go_on(self._drawn)
        if len(rows) == 1:
            return self._step_alone(rows[0])
        return self._step_together(rows) if rows else []

    def _step_alone(self, row: Row) -> list[Event]:
        started = time.perf_counter()
        draft, certain = self._speculator.propose(row), row.tokens[row.n_past :]
        logits = self._forward(mx.array([[*certain, *draft]]))[0, -1 - len(draft) :]
        row.n_past += len(certain)
        if draft or not self._may_run_on((row,)):
            events = self._draw(row, logits, draft)
        else:
            drawn = self._drawer.draw_lazily((row.job,), logits)
            events = self._go_on(drawn) if self._ahead else self._take(drawn)
        if len(certain) == 1:
            self._speculator.learn(1 + len(draft), time.perf_counter() - started)
        return events

    def _step_together(self, rows: Sequence[Row]) -> list[Event]:
        logits = self._forward(mx.array([[row.tokens[row.n_past]] for row in rows]))[:, -1]
        for row in rows:
            row.n_past += 1
        if self._may_run_on(rows):
            drawn = self._drawer.draw_lazily([row.job for row in rows], logits)
            return self._go_on(drawn) if self._ahead else self._take(drawn)
        ready = [(place, row) for place, row in enumerate(rows) if row.pending == 0]
        return [event for place, row in ready for event in self._draw(row, logits[place : place + 1], ())]

    def _forward(self, tokens: mx.array) -> mx.array:
        """A pass. Growing caches leave buffers behind that MLX would keep."""
        self._steps += 1
        if self._steps % TIDY_STEPS == 0:
            mx.clear_cache()
        return self._batch.forward(tokens)

    def _go_on(self, drawn: mx.array) -> list[Event]:
        """Launch the pass after these tokens, then read them."""
        rows = self._batch.rows
        self._drawn = None
        if self._ahead and any(row.left > 1 for row in rows):
            logits = self._forward(drawn[:, None])[:, -1]
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
            self._speculator.compare(row, (), (token,))
            events.append(Sampled(row.job.id, token))
        return events

    def _may_run_on(self, rows: Sequence[Row]) -> bool:
        return all(row.pending == 0 and not row.scores and self._drawer.may_stay_lazy(row.job) for row in rows)

    def _draw(self, row: Row, logits: mx.array, draft: Sequence[int]) -> list[Event]:
        """Of logits after the row's last token and after each of the draft, which are computed already. What was
        drafted in vain is cut off again."""
        mx.eval(logits)
        drawn = self._drawer.draw_now(row.job, logits, draft, row.left)
        if isinstance(drawn, Failed):
            return [drawn]
        kept = max(0, len(drawn.sampled) - 1)
        row.n_past += kept
        self._batch.forget(row, len(draft) - kept)
        sampled = [each.token for each in drawn.sampled]
        self._speculator.compare(row, draft, sampled)
        row.tokens += [*sampled, *(each.token for each in drawn.forced)]
        return [*_with_scores(row, drawn.sampled), *drawn.forced]


def _with_scores(row: Row, sampled: Sequence[Sampled]) -> Sequence[Sampled]:
    """The prompt's log-probabilities go out with the first token."""
    if not row.scores or not sampled:
        return sampled
    first, *others = sampled
    scores, row.scores = tuple(row.scores), []
    return (Sampled(first.job_id, first.token, first.logprobs, scores), *others)
