"""Reads numbers out of arrays, which computes them. MLX types what comes out as anything that an array can hold."""

from __future__ import annotations

from typing import cast

import mlx.core as mx


def read_int(array: mx.array) -> int:
    """Of a scalar of whole numbers."""
    return cast(int, array.item())


def read_ints(array: mx.array) -> list[int]:
    """Of a vector of whole numbers."""
    return cast(list[int], array.tolist())


def read_floats(array: mx.array) -> list[float]:
    """Of a vector of floats."""
    return cast(list[float], array.tolist())
