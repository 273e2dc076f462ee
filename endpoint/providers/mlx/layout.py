"""How a model remembers, found out by its own cache objects. Engine thread only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import ArraysCache, CacheList, ChunkedKVCache, KVCache, RotatingKVCache

from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.state import State, make_state, take_all


@dataclass(frozen=True, slots=True)
class Layout:
    """`moving`: layers whose state can't be cut back. `batches`: whether rows can be decoded together. `token_bytes`:
    what a token adds, `cuttable_bytes` in the other layers alone; `fixed_bytes`: what a row takes at most besides
    (windows, running states). `pattern`: a state after one token, for the kinds and shapes of its arrays."""

    memory: MemoryKind
    moving: tuple[int, ...]
    batches: bool
    token_bytes: int
    cuttable_bytes: int
    fixed_bytes: int
    pattern: State


def find_layout(model: Any) -> Layout:
    """Computes a token, which fills the caches: their shapes tell what one takes."""
    state = make_state(model)
    mx.eval(model(mx.array([[0]]), cache=state))
    kinds = [set(map(type, find_leaves(cache))) for cache in state]
    moving = tuple(layer for layer, kind in enumerate(kinds) if kind != {KVCache})
    leaves = [leaf for cache in state for leaf in find_leaves(cache)]
    return Layout(
        memory=_find_memory({kind for layer in kinds for kind in layer}),
        moving=moving,
        batches=all(hasattr(leaf, "merge") for leaf in leaves),
        token_bytes=sum(_token_bytes(leaf) for leaf in leaves if type(leaf) is KVCache),
        cuttable_bytes=sum(_token_bytes(cache) for cache in state if type(cache) is KVCache),
        fixed_bytes=sum(_fixed_bytes(leaf) for leaf in leaves if type(leaf) is not KVCache),
        pattern=take_all(state).caches,  # a buffer of 256 tokens in every layer would be held for good
    )


def find_leaves(cache: Any) -> Iterable[Any]:
    """The caches inside a CacheList; any other one itself."""
    if isinstance(cache, CacheList):
        for each in cache.caches:
            yield from find_leaves(each)
    else:
        yield cache


def _find_memory(kinds: set[type]) -> MemoryKind:
    if kinds <= {KVCache}:
        return MemoryKind.ATTENTION
    if kinds <= {KVCache, RotatingKVCache, ChunkedKVCache}:
        return MemoryKind.SLIDING_WINDOW
    if kinds <= {ArraysCache}:
        return MemoryKind.RECURRENT
    return MemoryKind.HYBRID


def _token_bytes(cache: Any) -> int:
    return int(cache.nbytes) // int(cache.keys.shape[2]) if cache.keys is not None else 0


def _fixed_bytes(cache: Any) -> int:
    if cache.empty():
        return 0
    if isinstance(cache, RotatingKVCache):
        return _token_bytes(cache) * int(cache.max_size)
    if isinstance(cache, ChunkedKVCache):
        return _token_bytes(cache) * int(cache.chunk_size)
    return int(cache.nbytes)
