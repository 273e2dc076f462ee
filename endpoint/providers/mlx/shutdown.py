"""Leaving a thread that has used MLX. Its streams belong to it: a thread other than the main one that ends with streams
of its own aborts the process (exit code 134)."""

from __future__ import annotations

import gc
import threading

import mlx.core as mx


def leave_thread() -> None:
    """Free what nobody holds and end the thread's streams. No MLX call may follow on this thread, but on the main one,
    whose streams stay: there they do no harm, and once ended they never come back."""
    gc.collect()
    mx.synchronize()
    mx.clear_cache()
    if threading.current_thread() is not threading.main_thread():
        mx.clear_streams()
