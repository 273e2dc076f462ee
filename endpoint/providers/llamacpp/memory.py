"""What a model's memory is like, and at which depths a copy of it gives the very same answers. Engine thread only."""

from __future__ import annotations

from dataclasses import dataclass

import llama_cpp.llama_cpp as ll

from endpoint.providers.base import MemoryKind

LANES = 64
"""Cells that are summed up side by side: the same tokens must sit in the same of these, or sums round differently."""
LARGEST_GAP = 2048


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window: only its last `size` tokens are copied, and they come back into the lowest cells. `gap` tokens
    fit beside them before the library reuses cells of tokens that have left the window. `size` 0: none."""

    size: int = 0
    gap: int = LARGEST_GAP

    def settle(self, depth: int) -> int:
        """The next depth, not above `depth`, at which the window's tokens keep their lanes when they are put back."""
        return depth if not self.size or depth <= self.size else depth - (depth - self.size) % LANES

    def turns(self, depth: int) -> bool:
        """Whether the window is put back into the lowest cells at this depth, so that it stays in order in them: cells
        reused round about would be summed in another order than those of a copy."""
        return self.size > 0 and depth > self.size and (depth - self.size) % self.gap == 0

    def turning_points(self, length: int) -> range:
        """The depths below `length` where it turns."""
        return range(self.size + self.gap, length, self.gap) if self.size else range(0)


def open_window(size: int, parallel: int, batch: int) -> Window:
    """The window of a model whose cells llama.cpp sizes for `parallel` windows and one batch more."""
    room = size * (parallel - 1) + batch
    return Window(size, max(LANES, min(LARGEST_GAP, room - room % LANES)))


def find_memory(model: ll.llama_model_p) -> MemoryKind:
    """By what the library says of the architecture."""
    if ll.llama_model_is_hybrid(model):
        return MemoryKind.HYBRID
    if ll.llama_model_is_recurrent(model):
        return MemoryKind.RECURRENT
    return MemoryKind.SLIDING_WINDOW if ll.llama_model_n_swa(model) > 0 else MemoryKind.ATTENTION
