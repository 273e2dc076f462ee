"""What fits into memory: weights, rows' keys and values, held prefixes. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.errors import LoadError
from endpoint.providers.mlx.room import STEP, round_up

WISHED = 32768
"""Tokens. Agents send 8-20 thousand before any work; more costs memory that most chats never use."""
SMALLEST = 2048
WORK_SHARE = 0.1
"""Of the budget, for what a pass needs besides: activations, logits, attention scores, buffers that MLX keeps."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes: a token of context, a row besides, and what the held prefixes were promised."""

    token: int
    row: int
    cache: int


@dataclass(frozen=True, slots=True)
class Context:
    """`n_ctx`: the longest request; `cells`: all rows' tokens together."""

    n_ctx: int
    cells: int


def check_weights(weight_bytes: int, limit_bytes: int) -> None:
    """Raises LoadError when the weights alone are more than there is."""
    if weight_bytes > limit_bytes:
        raise LoadError(
            f"The model's weights take {_gigabytes(weight_bytes)}; MLX can have {_gigabytes(limit_bytes)} here. "
            "Close other programs, or take a smaller model or one with fewer bits."
        )


def choose_context(asked: int | None, trained: int, parallel: int, need: Need, free_bytes: int) -> Context:
    """Sizes for a model whose weights are loaded. `trained` 0: the model doesn't say. Raises LoadError when `asked`
    tokens don't fit."""
    room = int(free_bytes * (1 - WORK_SHARE)) - need.cache - parallel * need.row
    fits = max(0, room) // need.token // STEP * STEP if need.token else None
    if asked is None:
        n_ctx = min(trained or WISHED, WISHED, max(SMALLEST, WISHED if fits is None else fits))
    else:
        n_ctx = asked
        if fits is not None and asked > max(fits, SMALLEST):
            raise LoadError(
                f"A context of {asked} tokens takes {_gigabytes(asked * need.token)} with this model; there is room "
                f"for {fits}. Try a smaller --ctx-size, or less --cache-ram."
            )
    most = parallel * round_up(n_ctx)
    return Context(n_ctx, max(round_up(n_ctx), most if fits is None else min(most, fits)))


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
