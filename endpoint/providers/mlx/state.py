"""What a sequence's layers remember: mlx-lm's cache objects, one a layer, copied, cut and measured. Engine thread only.

Arrays never change: an update makes a new one (in place where nobody else holds the old). So a copy of the objects is a
copy of the state that takes no memory until one of the two goes on.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import KVCache, make_prompt_cache

State = list[Any]
"""mlx_lm.models.cache objects of a single sequence; no common type exists."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state, or the part of it that can't be cut, at some depth. Nobody changes it. Its length is its bytes."""

    layers: tuple[int, ...]
    caches: State

    def __len__(self) -> int:
        return count_bytes(self.caches)


def make_state(model: Any) -> State:
    """The empty state."""
    state: State = make_prompt_cache(model)
    return state


def fork(state: State) -> State:
    """A copy to go on with."""
    return copy.deepcopy(state)


def cut(state: State, count: int, moving: Iterable[int] = ()) -> None:
    """Forget the last `count` tokens, in all layers but the `moving` ones, whose state can't be cut."""
    stay = set(moving)
    for layer, cache in enumerate(state):
        if count and layer not in stay:
            cache.trim(count)


def take_all(state: State) -> Snapshot:
    """A copy of a whole state, without the room that its buffers have left for more."""
    caches = [_shrink(cache) for cache in fork(state)]
    evaluate(caches)
    return Snapshot(tuple(range(len(caches))), caches)


def take_range(state: State, start: int, end: int) -> Snapshot:
    """A copy of what plain attention's caches hold of the tokens `start` to `end`, counted from their first."""
    caches = [_slice(cache, start, end) for cache in state]
    evaluate([cache for cache in caches if cache.keys is not None])
    return Snapshot(tuple(range(len(caches))), caches)


def join(parts: Sequence[Snapshot]) -> State:
    """The state that such copies, of tokens that follow each other, are together."""
    return [_join(caches) for caches in zip(*(part.caches for part in parts), strict=True)]


def is_plain(state: State) -> bool:
    """Whether all layers are of plain attention, so that ranges of tokens can be taken out of them."""
    return all(type(cache) is KVCache for cache in state)


def take_part(state: State, moving: Sequence[int]) -> Snapshot:
    """A copy of the layers whose state moves on."""
    caches = fork([state[layer] for layer in moving])
    evaluate(caches)
    return Snapshot(tuple(moving), caches)


def put_back(state: State, part: Snapshot) -> None:
    """Set the layers of a part back to what they were."""
    for layer, cache in zip(part.layers, fork(part.caches), strict=True):
        state[layer] = cache


def merge(caches: Sequence[Any]) -> Any:
    """One layer's caches of several sequences as one, padded on the left."""
    return type(caches[0]).merge(caches)


def evaluate(state: State) -> None:
    """Compute what is still only described."""
    mx.eval([cache.state for cache in state])


def count_bytes(state: State) -> int:
    """What the arrays take; those that an unused cache has not made yet take none."""
    return sum(0 if cache.empty() else int(cache.nbytes) for cache in state)


def _shrink(cache: Any) -> Any:
    if type(cache) is KVCache and cache.keys is not None:
        cache.keys = mx.contiguous(cache.keys[..., : cache.offset, :])
        cache.values = mx.contiguous(cache.values[..., : cache.offset, :])
    return cache


def _slice(cache: KVCache, start: int, end: int) -> KVCache:
    part = KVCache()
    if cache.keys is not None:
        part.keys = mx.contiguous(cache.keys[..., start:end, :])
        part.values = mx.contiguous(cache.values[..., start:end, :])
        part.offset = end - start
    return part


def _join(caches: Sequence[KVCache]) -> KVCache:
    whole = KVCache()
    if caches[0].keys is not None:
        whole.keys = mx.concatenate([cache.keys for cache in caches], axis=2)
        whole.values = mx.concatenate([cache.values for cache in caches], axis=2)
        whole.offset = sum(cache.offset for cache in caches)
    return whole
