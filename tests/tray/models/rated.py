"""Models and machines to rate, by their numbers alone."""

from __future__ import annotations

from endpoint.contract import ModelRef
from tray.models.memory import Memory
from tray.models.model import FoundModel, MemoryShape, Place

GIB = 1 << 30
LLAMA_8B = MemoryShape(cell_bytes=128 << 10, counted_bytes=128 << 10, heads=32, width=4096, vocabulary=128_256)
"""Llama 3.1 8B: 32 layers, 8 heads of 128 for keys and values."""
GEMMA = MemoryShape(
    cell_bytes=10_240, window_bytes=51_200, window=1024, counted_bytes=61_440, heads=8, width=2560, vocabulary=262_144
)


def model(
    shape: MemoryShape = LLAMA_8B, gib: float = 4.6, provider: str = "llamacpp", n_ctx: int = 131_072
) -> FoundModel:
    return FoundModel(ModelRef(provider, "m"), "m", Place.OWN, int(gib * GIB), 0.0, n_ctx=n_ctx, shape=shape)


def machine(free_gib: float, *, unified: bool = False) -> Memory:
    free = int(free_gib * GIB)
    return Memory(64 * GIB, free, 64 * GIB, unified)
