"""What a model takes in the endpoint's process, from its metadata: weights, context, buffers. Pure arithmetic.

The sizes that the endpoint chooses itself (default context, attention, batch, cells of a window) follow its own rules,
endpoint/providers/llamacpp/sizing.py, loader.py, footprint.py and mlx/sizing.py; a test holds both to the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from endpoint.contract import KvType
from tray.models.memory import Memory
from tray.models.model import MLX, FoundModel, MemoryShape

HALF = 2
"""Bytes of a number in keys and values, as shapes count them."""
WISHED, SMALLEST, STEP = 32768, 2048, 256
"""Tokens: the context that is opened at most when nobody names one, at least, and what contexts are rounded up to."""
CONTEXT_SHARE, LONG_SHARE = 0.5, 0.25
"""Of the available memory that it may take then, beside the weights, up to WISHED tokens, and beyond."""
PROCESS_BYTES = 89 << 20
"""The endpoint without a model: Python, its libraries, a server. Measured on Linux (docs/models.md)."""
MLX_PROCESS_BYTES = 132 << 20
"""The same with MLX and its kernels, which are compiled as they are needed."""
MLX_RUNNING_BYTES = 10 << 20
"""More of that, where layers have running states: their kernels are others."""
VOCABULARY_BYTES = 200
"""For each token that a model knows. Measured with vocabularies of 49,152 and 262,144 tokens."""
LARGEST_BATCH, PLAIN_BATCH, SMALLEST_BATCH = 512, 128, 64
SCORES_LIMIT, SCORE_BYTES = 512 << 20, 4
OUTPUT_ROWS = 16
"""Rows of logits, about: each sequence's, and those of tokens computed ahead."""
ACTIVATIONS = 16
"""Numbers of 32 bits that a token needs while it is computed, for each of the model's width."""
MLX_WORK_SHARE = 0.1
"""Of what the context may take, for what a pass needs besides."""
MLX_SCORES_SHARE = 0.5
"""Of a chunk's attention scores, on a processor: some of their memory is given back while the next layer is computed.
Measured, with chunks of 512 tokens: none of it stays up to 2,048 tokens of a tiny model, all of it at 4,096."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes; all but the weights grow with the context, the number of rows or the vocabulary."""

    weights: int
    context: int
    buffers: int

    @property
    def total(self) -> int:
        return self.weights + self.context + self.buffers


def find_need(model: FoundModel, memory: Memory, n_ctx: int, parallel: int, kv_type: KvType = KvType.F16) -> Need:
    """What the model takes with a context of `n_ctx` tokens and `parallel` rows, and keys and values of a type. MLX
    knows none but the usual one."""
    if model.ref.provider == MLX:
        return _find_mlx_need(model, memory, n_ctx, parallel)
    shape, cells = apply_kv_type(model.shape, kv_type), round_up(n_ctx)
    quantised = kv_type.is_quantised and keeps_keys(shape)
    is_flash, batch = choose_attention(cells, shape.heads, on_gpu=memory.unified, quantised=quantised)
    rows = batch + parallel
    context = shape.cell_bytes * cells + shape.window_bytes * count_window(shape, cells, rows, parallel)
    scores = 0 if is_flash else rows * shape.heads * cells * SCORE_BYTES
    work = rows * shape.width * ACTIVATIONS * SCORE_BYTES + OUTPUT_ROWS * shape.vocabulary * SCORE_BYTES
    buffers = PROCESS_BYTES + shape.vocabulary * VOCABULARY_BYTES + scores + work
    return Need(model.size_bytes, context + shape.row_bytes * parallel, buffers)


def choose_context(model: FoundModel, memory: Memory, kv_type: KvType = KvType.F16) -> int:
    """Tokens that the endpoint opens when nobody names a number, if they fit: MLX takes memory as they come."""
    trained = model.n_ctx or WISHED
    if model.ref.provider == MLX:
        return trained
    counted = apply_kv_type(model.shape, kv_type).counted_bytes
    free = memory.available_bytes - model.size_bytes
    usual = min(WISHED, _count_fitting(counted, free * CONTEXT_SHARE))
    long = _count_fitting(counted, free * LONG_SHARE) if memory.unified else 0
    return min(trained, max(SMALLEST, usual, long))


def _count_fitting(counted_bytes: int, room_bytes: float) -> int:
    fits = int(room_bytes) // counted_bytes if counted_bytes else WISHED
    return fits - fits % STEP


def keeps_keys(shape: MemoryShape) -> bool:
    """Whether any layer keeps keys and values, so that their type matters."""
    return bool(shape.cell_bytes or shape.window_bytes)


def apply_kv_type(shape: MemoryShape, kv_type: KvType) -> MemoryShape:
    """What 16-bit keys and values take as those of another type; running states have their own. Where a model keeps
    no keys, the endpoint doesn't ask for the type."""
    if not keeps_keys(shape):
        return shape
    cell, window, counted = (
        kv_type.weigh(each // HALF) for each in (shape.cell_bytes, shape.window_bytes, shape.counted_bytes)
    )
    return replace(shape, cell_bytes=cell, window_bytes=window, counted_bytes=counted)


def choose_attention(cells: int, heads: int, *, on_gpu: bool, quantised: bool = False) -> tuple[bool, int]:
    """Whether llama.cpp computes with flash attention, and the most prompt tokens of a step."""
    fits = SCORES_LIMIT // (max(1, cells) * max(1, heads) * SCORE_BYTES)
    if quantised and not on_gpu:
        return True, PLAIN_BATCH
    if on_gpu or fits < SMALLEST_BATCH:
        return True, LARGEST_BATCH
    return False, min(PLAIN_BATCH, fits)


def count_window(shape: MemoryShape, cells: int, batch: int, parallel: int) -> int:
    """Cells of the layers that remember a window: one for each row, and a step's tokens."""
    return min(cells, round_up(shape.window * parallel + batch)) if shape.window else 0


def round_up(tokens: int) -> int:
    """The cells that a context of so many tokens has."""
    return -(-tokens // STEP) * STEP


def _find_mlx_need(model: FoundModel, memory: Memory, n_ctx: int, parallel: int) -> Need:
    """Rows share what memory there is, but each has windows and running states of its own."""
    shape, cells = model.shape, round_up(n_ctx)
    row = shape.row_bytes + shape.window_bytes * shape.window
    context = shape.cell_bytes * cells + row * parallel
    scores = 0 if memory.unified else int(shape.heads * cells * MLX_SCORES_SHARE)
    chunk = LARGEST_BATCH * SCORE_BYTES * (scores + shape.width * ACTIVATIONS)
    work = max(chunk, int(context * MLX_WORK_SHARE / (1 - MLX_WORK_SHARE)))
    base = MLX_PROCESS_BYTES + (MLX_RUNNING_BYTES if shape.row_bytes else 0)
    return Need(model.size_bytes, context, base + shape.vocabulary * VOCABULARY_BYTES + work)
