"""Leaving a thread that has used MLX, and coming back to it. Its streams belong to it: a thread other than the main one
that ends with streams of its own aborts the process (exit code 134)."""

from __future__ import annotations

import gc
import threading

import mlx.core as mx


def enter_thread() -> None:
    """Before the first MLX call on a thread. One that was left has default streams that are no more: it gets others."""
    try:
        mx.eval(mx.zeros(1))
    except RuntimeError:
        for device in (mx.cpu, mx.gpu):
            if mx.is_available(device):
                mx.set_default_stream(mx.new_stream(device))


def leave_thread() -> None:
    """Free what nobody holds and end the thread's streams. `enter_thread` must come before another MLX call on this
    thread; on the main one the streams stay: there they do no harm."""
    gc.collect()
    mx.synchronize()
    mx.clear_cache()
    if threading.current_thread() is not threading.main_thread():
        mx.clear_streams()
