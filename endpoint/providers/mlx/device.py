"""What MLX computes on here. Loads the library and no model; any thread."""

from __future__ import annotations

import mlx.core as mx


def name_device() -> str:
    """In a few words, for people."""
    if mx.metal.is_available():
        return f"GPU: {mx.device_info().get('device_name', 'Metal')}"
    return "processor" if mx.default_device().type == mx.cpu else "GPU"
