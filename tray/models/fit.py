"""Whether a model fits into this machine's memory, before it is loaded. Pure arithmetic.

The three outcomes follow from two lines: what the process needs, and what the prompt cache would like besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.contract import KvType
from tray.models.memory import Memory
from tray.models.model import MLX, FoundModel
from tray.models.need import SMALLEST, STEP, Need, choose_context, find_need

DEFAULT_PARALLEL = 8
"""Rows, as the endpoint takes them when nobody names a number."""
CACHE_SHARE, LARGEST_CACHE = 4, 8 << 30
"""The prompt cache's budget then: this part of the free memory, and at most so much."""
_UNKNOWN_TRAINED = 1 << 20
SMALLER = KvType.Q8_0
"""The type of keys and values that is proposed where memory is short, as by the endpoint."""


class FitKind(StrEnum):
    """How it fits."""

    FITS = "fits"
    TIGHT = "tight"  # it can be loaded, but the prompt cache can't have its share
    TOO_BIG = "too big"


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimate, in bytes. `n_ctx`: the context it is for, in tokens; `largest_n_ctx`: the longest one that fits, 0
    when none does. `cache_bytes`: what the prompt cache may grow to besides `needed_bytes`. `kv_saving_bytes`: what it
    would need less with keys and values of the type SMALLER, 0 where that is no way out."""

    kind: FitKind
    n_ctx: int
    needed_bytes: int
    free_bytes: int
    weights_bytes: int
    context_bytes: int
    buffers_bytes: int
    cache_bytes: int
    largest_n_ctx: int
    kv_saving_bytes: int = 0


def rate_fit(
    model: FoundModel,
    memory: Memory,
    n_ctx: int | None = None,
    parallel: int | None = None,
    cache_bytes: int | None = None,
    kv_type: KvType = KvType.F16,
) -> Fit:
    """How a model would fit. None: what the endpoint would choose itself.

    The endpoint shortens a context that it chooses itself until it fits, with MLX until it fits beside the cache: the
    estimate is for that one.
    """
    rows = parallel or DEFAULT_PARALLEL
    free = memory.free_bytes
    cache = min(free // CACHE_SHARE, LARGEST_CACHE) if cache_bytes is None else cache_bytes
    largest = find_largest_context(model, memory, rows, kv_type=kv_type)
    tokens = n_ctx or _choose(model, memory, rows, cache, kv_type)
    need = find_need(model, memory, tokens, rows, kv_type)
    smaller = need if kv_type.is_quantised else find_need(model, memory, tokens, rows, SMALLER)
    return Fit(
        kind=_judge(need, free, cache),
        n_ctx=tokens,
        needed_bytes=need.total,
        free_bytes=free,
        weights_bytes=need.weights,
        context_bytes=need.context,
        buffers_bytes=need.buffers,
        cache_bytes=cache,
        largest_n_ctx=largest,
        kv_saving_bytes=max(0, need.total - smaller.total),
    )


def find_largest_context(
    model: FoundModel, memory: Memory, parallel: int, spared_bytes: int = 0, kv_type: KvType = KvType.F16
) -> int:
    """The longest context, in tokens, that the model was trained for and that fits, with `spared_bytes` left over; 0
    when none does."""
    room = memory.free_bytes - spared_bytes
    most = model.n_ctx or _UNKNOWN_TRAINED
    if find_need(model, memory, most, parallel, kv_type).total <= room:
        return most
    low, high = 0, -(-most // STEP)  # in steps: `low` fits, `high` doesn't
    while high - low > 1:
        middle = (low + high) // 2
        if find_need(model, memory, middle * STEP, parallel, kv_type).total <= room:
            low = middle
        else:
            high = middle
    return low * STEP


def summarise_fit(fit: Fit) -> str:
    """In a few words, for a menu; what is too big says what is missing before it is clicked."""
    if fit.kind is not FitKind.TOO_BIG:
        return fit.kind.value
    return f"{fit.kind.value}: needs {_gigabytes(fit.needed_bytes)} of {fit.free_bytes / 1e9:.1f} free"


def explain_fit(model: FoundModel, fit: Fit) -> str:
    """One sentence with the numbers, without a full stop."""
    needed, free = _gigabytes(fit.needed_bytes), _gigabytes(fit.free_bytes)
    if fit.kind is FitKind.FITS:
        return f"{model.name} needs {needed} of {free} that are free"
    if fit.kind is FitKind.TIGHT:
        return f"{model.name} needs {needed} of {free} that are free, which leaves little for the prompt cache"
    return (
        f"{model.name} needs {needed}: {_gigabytes(fit.weights_bytes)} of weights, {_gigabytes(fit.context_bytes)} for "
        f"a context of {fit.n_ctx:,} tokens, {_gigabytes(fit.buffers_bytes)} to compute in; {free} are free"
    )


def list_ways_out(fit: Fit) -> tuple[str, ...]:
    """What can be done about a model that is too big: a shorter context, a smaller KV cache where it can have one, more
    memory, another model."""
    short = max(0, fit.needed_bytes - fit.free_bytes)
    weights = max(0, fit.free_bytes - fit.buffers_bytes - fit.context_bytes)
    if fit.largest_n_ctx >= min(SMALLEST, fit.n_ctx):
        context = f"Give it a shorter context: up to {fit.largest_n_ctx:,} tokens fit (--ctx-size)"
    else:
        context = "A shorter context isn't enough: even the shortest doesn't fit"
    room = f": up to {_gigabytes(weights)} of weights fit beside this context" if weights else ""
    kv_cache = f"Give it a smaller KV cache: {_gigabytes(fit.kv_saving_bytes)} less (--kv-type {SMALLER})"
    return (
        context,
        *([kv_cache] if fit.kv_saving_bytes else []),
        f"Close other programs, until {_gigabytes(short)} more are free",
        f"Take a smaller model, or one with fewer bits{room}",
    )


def _choose(model: FoundModel, memory: Memory, parallel: int, cache_bytes: int, kv_type: KvType) -> int:
    spared = cache_bytes if model.ref.provider == MLX else 0
    largest = find_largest_context(model, memory, parallel, spared, kv_type)
    return min(choose_context(model, memory, kv_type), max(SMALLEST, largest))


def _judge(need: Need, free_bytes: int, cache_bytes: int) -> FitKind:
    if need.total > free_bytes:
        return FitKind.TOO_BIG
    return FitKind.TIGHT if need.total + cache_bytes > free_bytes else FitKind.FITS


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
