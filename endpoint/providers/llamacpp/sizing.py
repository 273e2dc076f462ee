"""How large a context to open, and how to compute attention in it. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

WISHED = 32768
"""Tokens. Agents send 8-20 thousand before any work."""
SMALLEST = 2048
MEMORY_SHARE, LONG_SHARE = 0.5, 0.25
"""Of the memory that is free beside the weights: what the KV cache may take by default up to WISHED tokens, and beyond.
llama.cpp takes it all at the start, used or not."""
STEP = 256
"""llama.cpp rounds contexts up to this."""


def choose_context(n_ctx_train: int, cell_bytes: int, available_bytes: int, *, on_gpu: bool) -> int:
    """Tokens of context when the user names none: as long as the model was trained for, as memory allows.

    `cell_bytes`: KV cache bytes a token. Never under SMALLEST unless the model itself is smaller. On a processor at
    most WISHED: plain attention's scores grow with the cells, and a prompt that fills more takes many minutes there.
    """
    usual = min(WISHED, _count_fitting(cell_bytes, available_bytes * MEMORY_SHARE))
    long = _count_fitting(cell_bytes, available_bytes * LONG_SHARE) if on_gpu else 0
    return min(n_ctx_train, max(SMALLEST, usual, long))


def _count_fitting(cell_bytes: int, room_bytes: float) -> int:
    """Tokens, in whole steps; WISHED where a token takes nothing, as with running states."""
    fits = int(room_bytes) // cell_bytes if cell_bytes else WISHED
    return fits - fits % STEP


SCORE_BYTES = 4
SCORES_LIMIT = 512 << 20
"""What plain attention's scores may take: batch x heads x cells, in f32."""
PLAIN_BATCH, SMALLEST_BATCH = 128, 64
"""Tokens computed at once. Plain attention looks at all cells for all tokens, those that come later too, and its scores
should stay in its caches: a prompt of 1,400 tokens at 350 to 393 tokens a second by 512 at once, at 467 to 474
by 256, at 482 to 497 by 128, at 481 to 557 by 64, at 410 to 429 by 32 (starter model, two cores)."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Flash attention or plain, and the most prompt tokens of a step."""

    flash: bool
    batch: int


def choose_attention(
    n_ctx: int, n_head: int, largest_batch: int, *, on_gpu: bool, quantised: bool = False
) -> Attention:
    """Flash attention on a GPU, over quantised values, for which there is no other, and where plain attention's scores
    would take too much memory; else plain.

    llama.cpp's flash attention for CPUs goes through the cells one by one when few tokens are computed at once. With
    the starter model, 1,400 tokens deep, on two cores: a decode step of one row 39 ms with and 14 ms without, of eight
    rows that share the prompt 242 ms and 42 ms; its prefill is faster (580 to 770 tokens a second against 490).
    """
    fits = SCORES_LIMIT // (max(1, n_ctx) * max(1, n_head) * SCORE_BYTES)
    if quantised and not on_gpu:  # read cell by cell, however many tokens there are: more of them only take memory
        return Attention(flash=True, batch=min(largest_batch, PLAIN_BATCH))
    if on_gpu or fits < SMALLEST_BATCH:
        return Attention(flash=True, batch=largest_batch)
    return Attention(flash=False, batch=min(largest_batch, PLAIN_BATCH, fits))


ACTIVATIONS = 16
"""Numbers of 32 bits that a token needs while it is computed, for each of the model's width."""
OUTPUT_ROWS = 16
"""Rows of logits, about: each sequence's, and those of tokens computed ahead."""


@dataclass(frozen=True, slots=True)
class Widths:
    """What the size of the buffers to compute in depends on, besides context and rows."""

    heads: int
    embedding: int
    vocabulary: int


def count_buffers(n_ctx: int, parallel: int, widths: Widths, attention: Attention) -> int:
    """Bytes, about, of what a step needs besides weights and cells: scores, activations, logits."""
    rows = attention.batch + parallel
    scores = 0 if attention.flash else rows * widths.heads * n_ctx
    return SCORE_BYTES * (scores + rows * widths.embedding * ACTIVATIONS + OUTPUT_ROWS * widths.vocabulary)
