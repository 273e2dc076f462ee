"""Held prefixes as plain memory, and back. Engine thread only; what comes out may go to any thread.

A description (JSON) says which parts make which array of which cache. Coming back, it must fit the model's own empty
caches, class by class and shape by shape: a damaged or foreign description never reaches the library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.models.cache import CacheList

from endpoint.providers.chains import join_spans, read_spans, write_spans
from endpoint.providers.mlx.fitting import fits
from endpoint.providers.mlx.holding import Held, cut_bodies
from endpoint.providers.mlx.layout import Layout
from endpoint.providers.mlx.state import Snapshot, evaluate, is_plain
from endpoint.providers.saved_state import Part, SavedState

_SPANS = "spans"


class Misfit(Exception):
    """The saved state isn't one of this model."""


def pack(held: Held, checkpoints: tuple[int, ...]) -> SavedState:
    """Copies every array once. Each segment goes under the depth where it ends in this prefix."""
    parts: list[bytes] = []
    chain = cut_bodies(held.chain, len(held.tokens))
    snapshots = {**{segment.end: segment.body for segment in chain}, **held.copies}
    layout: dict[Any, Any] = {depth: _describe_all(snapshot, parts) for depth, snapshot in snapshots.items()}
    if len(chain) > 1:
        layout[_SPANS] = write_spans(chain)
    return SavedState(held.tokens, checkpoints, json.dumps(layout), tuple(parts))


def unpack(saved: SavedState, layout: Layout) -> Held | None:
    """What was packed; None when it doesn't fit this model."""
    try:
        described = json.loads(saved.layout)
        spans = _find_spans(described.pop(_SPANS, None), len(saved.tokens), layout)
        described = {int(depth): entries for depth, entries in described.items()}
        if set(described) != {*(end for _, end in spans), *saved.checkpoints}:
            return None
        parts = _Parts(saved.parts)
        every = tuple(range(len(layout.pattern)))
        bodies = [_rebuild_all(described.pop(end), parts, layout, every, end - start) for start, end in spans]
        copies = {
            depth: _rebuild_all(entries, parts, layout, layout.moving, depth) for depth, entries in described.items()
        }
        return Held(saved.tokens, join_spans(spans, bodies), copies) if parts.are_used_up else None
    except Exception:  # whatever a damaged file makes JSON, numpy and the library raise
        return None


def _find_spans(written: object, count: int, layout: Layout) -> list[tuple[int, int]]:
    """One, of all tokens, unless it says otherwise and this model's state can be in segments."""
    spans = [(0, count)] if written is None else read_spans(written, count)
    follow = all(before[1] == after[0] for before, after in pairwise(spans))
    if not spans or not follow or (len(spans) > 1 and not is_plain(layout.pattern)):
        raise Misfit
    return spans


class _Parts:
    """The bytes, each to be used once."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._left = dict(enumerate(parts))

    def take(self, number: int) -> Part:
        """Raises KeyError the second time."""
        return self._left.pop(number)

    @property
    def are_used_up(self) -> bool:
        """Whether there is none that nothing speaks of."""
        return not self._left


def _describe_all(snapshot: Snapshot, parts: list[bytes]) -> list[Any]:
    return [[type(cache).__name__, _describe(cache.state, parts)] for cache in snapshot.caches]


def _describe(value: Any, parts: list[bytes]) -> Any:
    """Arrays become {"part", "shape", "dtype"}; lists, numbers, words and None stay."""
    if isinstance(value, mx.array):
        name = str(value.dtype).removeprefix("mlx.core.")
        plain = mx.contiguous(value).view(mx.uint16) if name == "bfloat16" else value
        parts.append(np.array(plain).tobytes())
        return {"part": len(parts) - 1, "shape": list(value.shape), "dtype": name}
    if isinstance(value, (list, tuple)):
        return [_describe(each, parts) for each in value]
    return value


def _rebuild_all(entries: Any, parts: _Parts, layout: Layout, layers: tuple[int, ...], depth: int) -> Snapshot:
    caches = [
        _rebuild(layout.pattern[layer], name, described, parts)
        for layer, (name, described) in zip(layers, entries, strict=True)
    ]
    if not all(fits(cache, layout.pattern[layer], depth) for layer, cache in zip(layers, caches, strict=True)):
        raise Misfit
    evaluate(caches)
    return Snapshot(layers, caches)


def _rebuild(pattern: Any, name: str, described: Any, parts: _Parts) -> Any:
    if name != type(pattern).__name__:
        raise Misfit
    if isinstance(pattern, CacheList) and [type(each).__name__ for each in pattern.caches] != [n for _, n in described]:
        raise Misfit  # it would look its members' classes up by these names
    return type(pattern).from_state(_value(described, parts))


def _value(described: Any, parts: _Parts) -> Any:
    if isinstance(described, dict):
        return _array(parts.take(described["part"]), described["shape"], described["dtype"])
    if isinstance(described, list):
        return [_value(each, parts) for each in described]
    return described


def _array(part: Part, shape: Any, dtype: str) -> mx.array:
    stored = np.dtype("uint16" if dtype == "bfloat16" else dtype)
    plain = mx.array(np.frombuffer(part, stored).reshape(shape))
    if plain.dtype.size != stored.itemsize:  # MLX has made it another one
        raise Misfit
    return plain.view(mx.bfloat16) if dtype == "bfloat16" else plain
