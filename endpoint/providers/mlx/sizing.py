"""How large a context to open for an MLX model, and how many cells all rows share. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.errors import LoadError
from endpoint.providers.fit import Need, make_refusal
from endpoint.providers.mlx.room import STEP, round_up

WISHED = 32768
"""Tokens, where a model doesn't say what it was trained for. Agents send 8-20 thousand before any work."""
SMALLEST = 2048
_ANY = 1 << 40
"""Tokens that fit where a token takes nothing."""
WORK_SHARE = 0.1
"""Of the budget, for what a pass needs besides: activations, logits, attention scores, buffers that MLX keeps."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes: the weights, a token of context, a row besides, and what the held prefixes were promised."""

    weights: int
    token: int
    row: int
    cache: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be opened. Tokens: `asked` by the user, and `trained`, 0 where the model doesn't say. `force`: whether
    it fits or not."""

    model: str
    asked: int | None
    trained: int
    parallel: int
    force: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """`n_ctx`: the longest request; `cells`: all rows' tokens together."""

    n_ctx: int
    cells: int


def choose_context(wish: Wish, costs: Costs, free_bytes: int) -> Context:
    """Sizes for a model whose weights are loaded, in the bytes that are free besides. Held prefixes give way to a
    context that doesn't fit beside them. Memory is taken as tokens come, so nothing speaks against all that fits.
    Raises LoadError when it doesn't fit even without held prefixes."""
    beside = _count_fitting(costs, wish.parallel, free_bytes - costs.cache)
    alone = _count_fitting(costs, wish.parallel, free_bytes)
    least = min(wish.trained or SMALLEST, SMALLEST)
    n_ctx = wish.asked or min(wish.trained or WISHED, max(least, beside))
    if round_up(n_ctx) > alone and not wish.force:
        raise _refuse(wish, costs, n_ctx, free_bytes, alone)
    return Context(n_ctx, max(round_up(n_ctx), min(wish.parallel * round_up(n_ctx), beside)))


def _count_fitting(costs: Costs, parallel: int, free_bytes: int) -> int:
    """Tokens, in whole steps."""
    room = int(free_bytes * (1 - WORK_SHARE)) - parallel * costs.row
    if not costs.token:
        return _ANY if room >= 0 else 0
    return max(0, room) // costs.token // STEP * STEP


def _refuse(wish: Wish, costs: Costs, n_ctx: int, free_bytes: int, largest: int) -> LoadError:
    context = round_up(n_ctx) * costs.token + wish.parallel * costs.row
    need = Need(costs.weights, context, int(context * WORK_SHARE / (1 - WORK_SHARE)))
    return make_refusal(wish.model, need, n_ctx, free_bytes + costs.weights, largest)
