"""The rows that decode together, and what their layers remember. Engine thread only.

A row alone keeps its plain caches, which need no mask; from two rows on they are merged into batched ones, padded on
the left to the longest. Invariant: `rows` is the order of the batch.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State, cut, fork, merge


class RowBatch:
    """Owns the caches of its rows; a row that leaves gets them back."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._caches: State = []
        self.rows: list[Row] = []

    @property
    def width(self) -> int:
        """Tokens that every row takes the room of."""
        return max((row.n_past for row in self.rows), default=0)

    def join(self, row: Row) -> None:
        """Take a row and its state."""
        state = row.state
        if state is None:
            raise ValueError("a row without state can't decode")
        self.rows.append(row)  # first: should merging fail, all that is in the batch is lost, and it with it
        row.state = None
        if len(self.rows) == 1:
            self._caches = state
        elif len(self.rows) == 2:
            self._caches = [merge([mine, new]) for mine, new in zip(self._caches, state, strict=True)]
        else:
            for mine, new in zip(self._caches, state, strict=True):
                mine.extend(merge([new]))

    def remove(self, row: Row) -> None:
        """Let a row go, and forget its state."""
        place = self.rows.index(row)
        del self.rows[place]
        if not self.rows:
            self._caches = []
            return
        rest = [index for index in range(len(self.rows) + 1) if index != place]
        if len(rest) == 1:
            self._caches = [cache.extract(rest[0]) for cache in self._caches]
            return
        for cache in self._caches:
            cache.filter(rest)

    def clear(self) -> list[Row]:
        """Let all rows go at once, whatever became of their caches: those rows."""
        rows, self.rows, self._caches = self.rows, [], []
        return rows

    def copy_state(self, row: Row) -> State:
        """What a row's layers remember, to go on with; the row stays."""
        if len(self.rows) == 1:
            return fork(self._caches)
        place = self.rows.index(row)
        return [cache.extract(place) for cache in self._caches]

    def forget(self, row: Row, count: int) -> None:
        """Cut the last tokens off a row that is alone."""
        if self.rows == [row]:
            cut(self._caches, count)

    def forward(self, tokens: mx.array) -> mx.array:
        """Compute the next tokens of all rows, shape (rows, tokens each): the logits after each of them, (rows, tokens,
        vocabulary). Described only: whoever looks at them has them computed."""
        logits: mx.array = self._model(tokens, cache=self._caches)
        return logits
