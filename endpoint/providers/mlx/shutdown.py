"""Leaving a thread that has used MLX. Its streams belong to it: a thread that ends with work in them aborts the process
at its exit (exit code 134)."""

from __future__ import annotations

import gc

import mlx.core as mx


def leave_thread() -> None:
    """Free what nobody holds and end the thread's streams. No MLX call may follow on this thread."""
    gc.collect()
    mx.synchronize()
    mx.clear_cache()
    mx.clear_streams()
