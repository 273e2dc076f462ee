"""How much memory rows take, in cells (tokens' keys and values), and who gives way. Pure arithmetic.

Rows that decode together are padded to the longest: each takes as many cells as that. MLX has no limit of its own that
could be relied on (`set_memory_limit` is soft), so this is what keeps weights, rows and held prefixes within a budget.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from endpoint.providers.mlx.rows import Row

STEP = 256
"""Cells that a cache grows by (mlx_lm.models.cache.KVCache.step)."""


def round_up(tokens: int) -> int:
    """The cells that buffers for so many tokens have."""
    return -(-tokens // STEP) * STEP


@dataclass(frozen=True, slots=True)
class Usage:
    """`alone`: cells of rows with a state of their own; `together` rows decode, each `width` tokens wide."""

    alone: int
    together: int
    width: int

    @property
    def cells(self) -> int:
        """Used by all."""
        return self.alone + self.together * round_up(self.width)

    def room_for_another(self, total: int) -> int:
        """The tokens that a new row may have, once it decodes together with the others."""
        each = (total - self.alone) // (self.together + 1)
        return max(0, each) if each >= self.width else 0

    def grown(self) -> Usage:
        """After the next token of those that decode."""
        return Usage(self.alone, self.together, self.width + 1)


def measure(rows: Iterable[Row], decoding: int, width: int) -> Usage:
    """`decoding` rows take `width` cells each; a row that is prefilled takes those of its whole prompt, for it will
    need them."""
    alone = sum(round_up(len(row.tokens)) for row in rows if row.state is not None)
    return Usage(alone, decoding, width)


def has_to_give_way(rows: Iterable[Row], usage: Usage, total: int) -> Row | None:
    """The youngest row, when the next token of those that decode would go beyond `total` cells and it isn't alone."""
    active = [row for row in rows if not row.parked]
    if usage.grown().cells <= total or len(active) < 2:
        return None
    return max(active, key=_age)


def may_return(rows: Iterable[Row], usage: Usage, total: int) -> list[Row]:
    """The oldest parked row, when it fits with room for what is still to come of it, or when nobody else runs."""
    everyone = list(rows)
    oldest = min((row for row in everyone if row.parked), key=_age, default=None)
    if oldest is None:
        return []
    wanted = round_up(len(oldest.tokens) + STEP)
    alone = all(row.parked for row in everyone)
    return [oldest] if alone or wanted <= usage.room_for_another(total) else []


def _age(row: Row) -> int:
    """Older requests have smaller numbers."""
    return row.job.id
