"""Tiny MLX models in other numbers, and with caches that can't be merged. Written with mlx, unlike `mlx_models.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models.llama4 import Model, ModelArgs
from mlx_lm.utils import load_model, quantize_model

from endpoint.providers.base import MemoryKind
from tests.tiny.mlx_models import CONTEXT, EMBEDDING, FEED_FORWARD, HEAD, HEADS, KV_HEADS, write_tiny_mlx
from tests.tiny.mlx_tokenizer import CONTROL, END, START, TOKENS, write_byte_tokenizer

CHUNK = 96
"""Tokens that the chunked model's chunked layers see."""


def write_tiny_cast(folder: Path, dtype: mx.Dtype) -> None:
    """The attention model in 16 bits."""
    write_tiny_mlx(MemoryKind.ATTENTION, folder)
    weights = mx.load(str(folder / "model.safetensors"))
    _save(folder, {name: array.astype(dtype) for name, array in weights.items()})  # type: ignore[union-attr]  # a dict
    config = json.loads((folder / "config.json").read_text())
    _configure(folder, config | {"torch_dtype": str(dtype).removeprefix("mlx.core.")})


def write_tiny_quantized(folder: Path, bits: int, group_size: int) -> None:
    """The attention model, quantised."""
    write_tiny_mlx(MemoryKind.ATTENTION, folder)
    model, config = load_model(folder)
    model, config = quantize_model(model, config, group_size, bits)
    _save(folder, dict(tree_flatten(model.parameters())))
    _configure(folder, config)


def write_tiny_chunked(folder: Path) -> None:
    """Llama 4's text part, with one expert in each layer: ChunkedKVCache in three layers, KVCache in the fourth."""
    folder.mkdir(parents=True, exist_ok=True)
    text = {
        "attention_bias": False,
        "attention_chunk_size": CHUNK,
        "head_dim": HEAD,
        "hidden_size": EMBEDDING,
        "interleave_moe_layer_step": 1,
        "intermediate_size": FEED_FORWARD,
        "intermediate_size_mlp": FEED_FORWARD,
        "max_position_embeddings": CONTEXT,
        "model_type": "llama4_text",
        "num_attention_heads": HEADS,
        "num_experts_per_tok": 1,
        "num_hidden_layers": 4,
        "num_key_value_heads": KV_HEADS,
        "num_local_experts": 1,
        "rms_norm_eps": 1e-5,
        "rope_scaling": None,
        "rope_theta": 1e4,
        "use_qk_norm": False,
        "vocab_size": TOKENS,
    }
    config: dict[str, Any] = {"model_type": "llama4", "text_config": text}
    model = Model(ModelArgs.from_dict(config))
    _save(folder, _draw(dict(tree_flatten(model.parameters()))))
    _configure(folder, config | {"bos_token_id": START, "eos_token_id": END, "torch_dtype": "float32"})
    write_byte_tokenizer(folder)


def _draw(weights: dict[str, mx.array]) -> dict[str, mx.array]:
    """Random matrices, the same each time, such that a token looks at few others; control tokens are never likely."""
    drawn = {}
    for number, (name, array) in enumerate(sorted(weights.items())):
        if array.ndim < 2:
            drawn[name] = mx.ones(array.shape)
            continue
        scale = 4.0 if "lm_head" in name else 2.0 if "_proj" in name and "self_attn" in name else 1.0
        drawn[name] = mx.random.normal(array.shape, scale=scale / array.shape[-1] ** 0.5, key=mx.random.key(number))
    drawn["language_model.lm_head.weight"][:CONTROL] = 0
    return drawn


def _save(folder: Path, weights: dict[str, mx.array]) -> None:
    mx.eval(weights)  # they may be read from the file that they replace
    mx.save_safetensors(str(folder / "model.safetensors"), weights, metadata={"format": "mlx"})


def _configure(folder: Path, config: dict[str, Any]) -> None:
    (folder / "config.json").write_text(json.dumps(config, indent=1))
