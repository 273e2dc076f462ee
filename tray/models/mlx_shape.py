"""From a config.json to what a context of the model takes in MLX: which layers remember what. Pure arithmetic.

As mlx-lm's models make their caches: a window counts only where the model's class keeps one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tray.models.model import AttentionKind, MemoryShape

HALF, SINGLE = 2, 4
"""Bytes of a number in keys, values and states: as in the weights."""
MOST_LAYERS = 1024

_PERIODS = {"cohere2": 4, "gemma3": 6, "gemma3_text": 6, "gpt_oss": 2}
"""Of so many layers one sees all tokens, where the config doesn't list them."""
_RUNNING_TYPES = frozenset({"linear_attention", "mamba", "mamba2", "conv", "recurrent"})
_STATELESS_TYPES = frozenset({"moe", "mlp"})
_RUNNING = frozenset({"mamba", "mamba2", "falcon_mamba", "rwkv7", "recurrent_gemma"})
_BOTH = frozenset({"falcon_h1"})
"""Models whose layers have keys and a running state."""


def find_shape(config: Mapping[str, Any]) -> tuple[AttentionKind, MemoryShape]:
    """How the model remembers, and what that takes."""
    text = text_part(config)
    kinds = _list_kinds(config, text)
    number = _find_number_bytes(config, text)
    token = number * _token_numbers(text)
    windows = kinds.count("window")
    runs = kinds.count("runs") or (len(kinds) if _family(config) in _BOTH else 0)
    shape = MemoryShape(
        cell_bytes=token * kinds.count("full"),
        window_bytes=token * windows,
        window=read_number(text, "sliding_window") if windows else 0,
        row_bytes=number * _state_numbers(text) * runs,
        counted_bytes=token * kinds.count("full"),
        heads=read_number(text, "num_attention_heads"),
        width=read_number(text, "hidden_size"),
        vocabulary=read_number(text, "vocab_size") or read_number(config, "vocab_size"),
    )
    return _find_kind(kinds, runs), shape


def text_part(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part that speaks of the language model: of one that sees, too, it is a part."""
    text = config.get("text_config")
    return text if isinstance(text, dict) else config


def read_number(part: Mapping[str, Any], key: str) -> int:
    """A whole number that makes sense as a size; 0 for anything else."""
    value = part.get(key)
    return value if type(value) is int and 0 < value < 1 << 40 else 0


def _find_number_bytes(config: Mapping[str, Any], text: Mapping[str, Any]) -> int:
    named = config.get("torch_dtype") or config.get("dtype") or text.get("torch_dtype") or text.get("dtype")
    return SINGLE if named == "float32" else HALF


def _family(config: Mapping[str, Any]) -> str:
    return str(config.get("model_type"))


def _find_kind(kinds: list[str], runs: int) -> AttentionKind:
    if runs:
        return AttentionKind.HYBRID if "full" in kinds or "window" in kinds else AttentionKind.RECURRENT
    return AttentionKind.SLIDING_WINDOW if "window" in kinds else AttentionKind.ATTENTION


def _list_kinds(config: Mapping[str, Any], text: Mapping[str, Any]) -> list[str]:
    """For each layer: full, window, runs, or none."""
    count = min(read_number(text, "num_hidden_layers") or read_number(text, "n_layers"), MOST_LAYERS)
    listed = text.get("layer_types") or text.get("layers_block_type")
    if isinstance(listed, list) and listed:
        return [_name_kind(each) for each in listed[:count]]
    if _family(config) in _RUNNING:
        return ["runs"] * count
    interval = read_number(text, "full_attention_interval")
    if interval:
        return ["runs" if (index + 1) % interval else "full" for index in range(count)]
    period = read_number(text, "sliding_window_pattern") or _PERIODS.get(_family(config), 1)
    if not read_number(text, "sliding_window") or _family(config) not in _PERIODS:
        period = 1
    return ["window" if index % period < period - 1 else "full" for index in range(count)]


def _name_kind(listed: object) -> str:
    if listed in ("sliding_attention", "chunked_attention"):
        return "window"
    if not isinstance(listed, str) or listed in _STATELESS_TYPES:
        return "none"
    return "runs" if listed in _RUNNING_TYPES else "full"


def _token_numbers(text: Mapping[str, Any]) -> int:
    """Numbers that a token leaves in a layer that remembers it."""
    if latent := read_number(text, "kv_lora_rank"):
        return latent + read_number(text, "qk_rope_head_dim")
    heads = read_number(text, "num_attention_heads")
    own = read_number(text, "num_key_value_heads") or heads
    width = read_number(text, "head_dim") or read_number(text, "hidden_size") // max(1, heads)
    return 2 * own * width


def _state_numbers(text: Mapping[str, Any]) -> int:
    """Numbers in one layer's running state of one sequence: what a convolution looks back at, and the state proper."""
    heads = read_number(text, "linear_num_value_heads")
    if heads:  # gated delta nets
        keys = read_number(text, "linear_num_key_heads") * read_number(text, "linear_key_head_dim")
        values = heads * read_number(text, "linear_value_head_dim")
        conv = max(0, read_number(text, "linear_conv_kernel_dim") - 1) * (2 * keys + values)
        return conv + read_number(text, "linear_key_head_dim") * values
    if length := read_number(text, "conv_L_cache"):  # LFM2
        return read_number(text, "hidden_size") * (length - 1)
    state = _first(text, "ssm_state_size", "state_size", "mamba_d_state")
    conv = max(0, _first(text, "conv_kernel", "mamba_d_conv", "conv_kernel_size") - 1)
    inner, groups = _find_inner(text), _first(text, "n_groups", "mamba_n_groups") or 1
    return conv * (inner + 2 * groups * state) + inner * state


def _find_inner(text: Mapping[str, Any]) -> int:
    heads = _first(text, "mamba_num_heads", "mamba_n_heads", "num_heads")
    width = _first(text, "mamba_head_dim", "mamba_d_head", "head_dim")
    expanded = read_number(text, "hidden_size") * (_first(text, "expand", "mamba_expand") or 2)
    return _first(text, "intermediate_size_mamba", "mamba_d_ssm") or heads * width or expanded


def _first(text: Mapping[str, Any], *keys: str) -> int:
    return next((found for key in keys if (found := read_number(text, key))), 0)
