"""A held prefix as plain memory: what a provider gives away to be written somewhere, and takes back.

Values: made on the engine's thread, read on any. `state_file.py` writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Part: TypeAlias = memoryview | bytes
"""Flat bytes: a memoryview has format "B" and one dimension. Nobody changes them."""


@dataclass(frozen=True, slots=True)
class SavedState:
    """The state of `tokens`, of which all are computed; `checkpoints` as a Prefix has them.

    `layout`: what the `parts` are, in the provider's own words (JSON). It goes with the bytes: a provider takes back
    only parts of which it would say the same.
    """

    tokens: tuple[int, ...]
    checkpoints: tuple[int, ...]
    layout: str
    parts: tuple[Part, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(map(len, self.parts))


def is_sound(state: SavedState, n_vocab: int, longest: int, *, trimmable: bool) -> bool:
    """Whether such a prefix can exist in a model of `n_vocab` tokens with a context of `longest`: checkpoints ascend
    to the end where state can't be cut (not `trimmable`), and there are none elsewhere."""
    count, stops = len(state.tokens), state.checkpoints
    if not 0 < count <= longest or not 0 <= min(state.tokens) <= max(state.tokens) < n_vocab:
        return False
    if trimmable:
        return not stops
    return bool(stops) and stops[0] > 0 and stops[-1] == count and stops == tuple(sorted(set(stops)))
