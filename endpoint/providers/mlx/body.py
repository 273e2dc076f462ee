"""The part of an mlx-lm model before its output head: tokens in, the hidden states that the head would get out.

No common interface names it. Nearly all architectures have it as `model`, a few as `backbone` or `transformer`, and
those that also take images one level down, under `language_model`. What is found is tried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
from mlx import nn

from endpoint.providers.mlx.state import State, make_state

_NAMES = ("model", "backbone", "transformer")


@dataclass(frozen=True, slots=True)
class Body:
    """`compute(tokens, state)`: (1, n) token numbers to (1, n, `width`) hidden states."""

    compute: Callable[[mx.array, State], mx.array]
    width: int


def find_body(model: Any) -> Body | None:
    """None where there is none that works alone."""
    owner = model
    while isinstance(inner := getattr(owner, "language_model", None), nn.Module):
        owner = inner
    body = next((part for name in _NAMES if isinstance(part := getattr(owner, name, None), nn.Module)), None)
    if body is None:
        return None

    def compute(tokens: mx.array, state: State) -> mx.array:
        hidden: mx.array = body(tokens, cache=state)
        return hidden

    try:
        hidden = compute(mx.array([[0, 0]]), make_state(model))
        mx.eval(hidden)
    except Exception:  # whatever an architecture of another kind raises
        return None
    return Body(compute, int(hidden.shape[-1])) if hidden.ndim == 3 and hidden.shape[:2] == (1, 2) else None
