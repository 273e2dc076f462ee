"""Whether a model fits into the memory that is free, and what is said when it doesn't. Pure.

A refusal is one line: what the model needs, what there is, and what can be done about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from endpoint.contract import KvType
from endpoint.errors import LoadError

STEP = 256
"""Contexts are told in multiples of this."""
SMALLER = KvType.Q8_0
"""The type of keys and values that is proposed where memory is short: it changes answers least."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a model takes."""

    weights: int
    context: int = 0
    buffers: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.context + self.buffers


def check_weights(model: str, weights_bytes: int, free_bytes: int) -> None:
    """Raises LoadError when a model's weights alone are more than there is: nothing of them was read yet."""
    if weights_bytes > free_bytes:
        raise LoadError(
            f"{model} is too big for the memory here: its weights alone take {_tell(weights_bytes)}, and "
            f"{_tell(free_bytes)} are free. A shorter context isn't enough: take a smaller model or one with fewer "
            f"bits, or close other programs until {_tell(weights_bytes - free_bytes)} more are free. Started with "
            "--force it is tried all the same."
        )


def make_refusal(model: str, need: Need, n_ctx: int, free_bytes: int, largest: int, kv_saving: int = 0) -> LoadError:
    """The error for a context of `n_ctx` tokens that doesn't fit; `largest`: the longest one that does, 0 when none;
    `kv_saving`: bytes that it would need less with keys and values of the type SMALLER, 0 when that is no way out."""
    shorter = f"a shorter context (--ctx-size: up to {largest:,} tokens fit), " if largest else ""
    smaller = f"a smaller KV cache (--kv-type {SMALLER}: {_tell(kv_saving)} less), " if kv_saving else ""
    return LoadError(
        f"{model} is too big for the memory here: it needs {_tell(need.total)} ({_tell(need.weights)} of weights, "
        f"{_tell(need.context)} for a context of {n_ctx:,} tokens, {_tell(need.buffers)} to compute in), and "
        f"{_tell(free_bytes)} are free. Take {shorter}{smaller}a smaller model or one with fewer bits, or close "
        f"other programs until {_tell(need.total - free_bytes)} more are free. Started with --force it is tried all "
        "the same."
    )


def find_largest(total_bytes: Callable[[int], int], most: int, free_bytes: int) -> int:
    """The longest context, in tokens up to `most`, whose `total_bytes` are free; 0 when none is. The more tokens, the
    more bytes."""
    if total_bytes(most) <= free_bytes:
        return most
    low, high = 0, -(-most // STEP)  # in steps: `low` fits, `high` doesn't
    while high - low > 1:
        middle = (low + high) // 2
        if total_bytes(middle * STEP) <= free_bytes:
            low = middle
        else:
            high = middle
    return low * STEP


def _tell(count: int) -> str:
    """Below a tenth of a gigabyte in megabytes, so that no number that matters is told as 0.0."""
    return f"{count / 1e9:.1f} GB" if count >= 100_000_000 else f"{max(0, count) / 1e6:.0f} MB"
