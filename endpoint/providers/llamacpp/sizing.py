"""How large a context to open. Pure arithmetic."""

from __future__ import annotations

WISHED = 32768
"""Tokens. Agents send 8-20 thousand before any work; more costs memory that most chats never use."""
SMALLEST = 2048
MEMORY_SHARE = 0.5
"""Of the available memory that the KV cache may take by default."""
STEP = 256
"""llama.cpp rounds contexts up to this."""


def choose_context(n_ctx_train: int, cell_bytes: int, available_bytes: int) -> int:
    """Tokens of context when the user names none: what the model was trained for, at most WISHED, as memory allows.

    `cell_bytes`: KV cache bytes a token. Never under SMALLEST unless the model itself is smaller.
    """
    fits = int(available_bytes * MEMORY_SHARE) // cell_bytes if cell_bytes else WISHED
    fits -= fits % STEP
    return min(n_ctx_train, WISHED, max(SMALLEST, fits))
