"""Whether caches that come from outside could be this model's, at some depth. Only looks; engine thread only.

A pattern is a cache that the model itself has filled (`layout.py`). A class that isn't known here fits nothing: its
state is computed again.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import ArraysCache, CacheList, ChunkedKVCache, KVCache, RotatingKVCache

_SEQUENCE_AXIS = 2
"""Of keys and values, (rows, heads, tokens, width): the one that differs between prefixes."""


def fits(cache: Any, pattern: Any, depth: int) -> bool:
    """Whether the model can go on from `cache` after `depth` tokens."""
    if type(cache) is not type(pattern):
        return False
    match cache:
        case CacheList():
            same = len(cache.caches) == len(pattern.caches)
            return same and all(fits(*pair, depth) for pair in zip(cache.caches, pattern.caches, strict=True))
        case ArraysCache():
            return _arrays_fit(cache, pattern)
        case KVCache() | RotatingKVCache() | ChunkedKVCache():
            return _keys_fit(cache, pattern, depth)
    return False


def _arrays_fit(cache: ArraysCache, pattern: ArraysCache) -> bool:
    if cache.left_padding is not None or cache.lengths is not None or not isinstance(cache.cache, list):
        return False
    same = len(cache.cache) == len(pattern.cache)
    return same and all(_is_alike(*pair) for pair in zip(cache.cache, pattern.cache, strict=True))


def _is_alike(array: Any, pattern: mx.array | None) -> bool:
    if pattern is None or not isinstance(array, mx.array):
        return array is pattern
    return array.dtype == pattern.dtype and array.shape == pattern.shape


def _keys_fit(cache: Any, pattern: Any, depth: int) -> bool:
    if pattern.empty():  # of a layer that doesn't use its own
        return bool(cache.keys is None and cache.values is None and cache.offset == 0)
    if not (_is_row(cache.keys, pattern.keys) and _is_row(cache.values, pattern.values)):
        return False
    tokens = cache.keys.shape[_SEQUENCE_AXIS]
    if type(cache.offset) is not int or cache.offset != depth or cache.values.shape[_SEQUENCE_AXIS] != tokens:
        return False
    return _remembered(cache, pattern) <= int(tokens)


def _is_row(array: Any, pattern: mx.array) -> bool:
    """Alike, but for the number of tokens."""
    if not isinstance(array, mx.array) or array.ndim != pattern.ndim:
        return False
    sizes = zip(array.shape, pattern.shape, strict=True)
    same = all(mine == theirs for axis, (mine, theirs) in enumerate(sizes) if axis != _SEQUENCE_AXIS)
    return same and array.dtype == pattern.dtype


def _remembered(cache: Any, pattern: Any) -> float:
    """Tokens that must be there; infinity where the cache's numbers contradict each other or the pattern's."""
    offset: int = cache.offset
    match cache:
        case RotatingKVCache():
            own, theirs = (cache.keep, cache.max_size), (pattern.keep, pattern.max_size)
            place = cache._idx  # part of its state, and nowhere else to be read
            sound = own == theirs and type(place) is int and 0 <= place <= cache.keys.shape[_SEQUENCE_AXIS]
            return min(offset, pattern.max_size) if sound else float("inf")
        case ChunkedKVCache():
            start = cache.start_position
            sound = cache.chunk_size == pattern.chunk_size and type(start) is int and 0 <= start <= offset
            return offset - start if sound else float("inf")
    return offset
