from __future__ import annotations

from pathlib import Path

import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.layout import find_layout
from tests.tiny.mlx_models import HEAD, KV_HEADS, WINDOW, write_tiny_mlx

TOKEN = 2 * KV_HEADS * HEAD * 4
"""Keys and values of a layer, 32-bit floats."""


@pytest.mark.parametrize(
    ("kind", "moving", "token_bytes"),
    [
        (MemoryKind.ATTENTION, (), 2 * TOKEN),
        (MemoryKind.SLIDING_WINDOW, (0, 2), 2 * TOKEN),
        (MemoryKind.RECURRENT, (0, 1, 2), 0),
        (MemoryKind.HYBRID, (0, 1), 2 * TOKEN),
    ],
)
def test_a_model_shows_what_its_layers_remember(
    tmp_path: Path, kind: MemoryKind, moving: tuple[int, ...], token_bytes: int
) -> None:
    write_tiny_mlx(kind, tmp_path)
    layout = find_layout(load_model(tmp_path)[0])
    assert (layout.memory, layout.moving, layout.token_bytes) == (kind, moving, token_bytes)
    assert layout.batches


def test_a_window_takes_its_whole_size_at_most(tmp_path: Path) -> None:
    write_tiny_mlx(MemoryKind.SLIDING_WINDOW, tmp_path)
    assert find_layout(load_model(tmp_path)[0]).fixed_bytes == 2 * TOKEN * WINDOW
