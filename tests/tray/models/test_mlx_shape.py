"""What a context takes by config.json, for the configs of well-known models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.layout import find_layout
from tests.tiny.mlx_models import write_tiny_mlx
from tray.models.mlx_shape import MOST_LAYERS, find_shape
from tray.models.model import AttentionKind, MemoryShape

Config = dict[str, object]
BASE: Config = {"hidden_size": 1024, "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 100}
TOKEN = 2 * 2 * 128 * 2
"""Bytes of a token in one layer of such a model: keys and values of two heads."""


def find(family: str, layers: int, **changes: object) -> tuple[AttentionKind, MemoryShape]:
    return find_shape({"model_type": family, "num_hidden_layers": layers} | BASE | changes)


def test_plain_attention_keeps_every_token_in_every_layer() -> None:
    kind, shape = find("llama", 32)
    assert kind is AttentionKind.ATTENTION
    expected = MemoryShape(cell_bytes=32 * TOKEN, counted_bytes=32 * TOKEN, heads=8, width=1024, vocabulary=100)
    assert shape == expected


def test_heads_may_have_a_width_of_their_own() -> None:
    assert find("qwen3", 2, head_dim=256)[1].cell_bytes == 4 * TOKEN


def test_weights_of_32_bits_leave_keys_of_32_bits() -> None:
    assert find("llama", 2, torch_dtype="float32")[1].cell_bytes == 4 * TOKEN


@pytest.mark.parametrize(
    ("family", "layers", "changes", "windowed"),
    [
        ("gemma3_text", 26, {}, 22),
        ("gemma3", 34, {}, 29),
        ("cohere2", 32, {}, 24),
        ("gpt_oss", 24, {"layer_types": ["sliding_attention", "full_attention"] * 12}, 12),
        ("gemma3_text", 12, {"sliding_window_pattern": 3}, 8),
    ],
)
def test_a_window_counts_where_the_models_class_keeps_one(
    family: str, layers: int, changes: Config, windowed: int
) -> None:
    kind, shape = find(family, layers, sliding_window=512, **changes)
    assert kind is AttentionKind.SLIDING_WINDOW
    assert (shape.window_bytes, shape.cell_bytes) == (windowed * TOKEN, (layers - windowed) * TOKEN)
    assert shape.window == 512


def test_other_classes_ignore_the_window() -> None:
    assert find("mistral", 32, sliding_window=4096)[0] is AttentionKind.ATTENTION


def test_running_states_are_seen_in_the_kinds_of_layers() -> None:
    deltas = {"linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8}
    deltas |= {"linear_value_head_dim": 8, "linear_conv_kernel_dim": 4}
    kind, shape = find("qwen3_next", 4, full_attention_interval=4, **deltas)
    assert kind is AttentionKind.HYBRID
    assert (shape.cell_bytes, shape.row_bytes) == (TOKEN, 3 * 2 * (3 * (2 * 16 + 32) + 8 * 32))
    conv = find("lfm2", 2, layer_types=["conv", "full_attention"], conv_L_cache=3)
    assert conv[0] is AttentionKind.HYBRID
    assert conv[1].row_bytes == 2 * 2 * 1024


def test_without_any_attention_a_context_takes_the_same_however_long_it_is() -> None:
    kind, shape = find("mamba2", 3, state_size=32, conv_kernel=4, num_heads=4, head_dim=32)
    assert kind is AttentionKind.RECURRENT
    assert (shape.cell_bytes, shape.row_bytes) == (0, 3 * 2 * (3 * (128 + 64) + 128 * 32))


def test_layers_may_have_keys_and_a_running_state_both() -> None:
    kind, shape = find("falcon_h1", 2, mamba_d_ssm=128, mamba_d_state=32, mamba_d_conv=4)
    assert kind is AttentionKind.HYBRID
    assert shape.cell_bytes == 2 * TOKEN
    assert shape.row_bytes > 0


def test_latent_attention_keeps_a_short_vector() -> None:
    assert find("deepseek_v3", 10, kv_lora_rank=512, qk_rope_head_dim=64)[1].cell_bytes == 10 * 2 * 576


@pytest.mark.parametrize("layers", [10**12, -1, True, "many", None, 1.5])
def test_numbers_that_make_no_sense_end_in_nothing_or_in_bounds(layers: object) -> None:
    _, shape = find_shape({"model_type": "llama", "num_hidden_layers": layers} | BASE)
    assert shape.cell_bytes <= MOST_LAYERS * TOKEN


def test_layers_of_kinds_that_nobody_knows_are_bounded_too() -> None:
    assert find("any", 2, layer_types=[[], {}, 3, "new", None])[1].cell_bytes == 0
    assert find("any", 2, layer_types=["new"] * 10_000)[1].cell_bytes == 2 * TOKEN


@pytest.mark.parametrize("kind", MemoryKind)
def test_it_is_what_mlx_takes(kind: MemoryKind, tmp_path: Path) -> None:
    write_tiny_mlx(kind, tmp_path)
    layout = find_layout(load_model(tmp_path)[0])
    found, shape = find_shape(json.loads((tmp_path / "config.json").read_text()))
    assert found is AttentionKind(layout.memory)
    assert shape.cell_bytes == layout.token_bytes
    assert shape.row_bytes + shape.window_bytes * shape.window == pytest.approx(layout.fixed_bytes, rel=0.1)
