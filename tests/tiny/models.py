"""Tiny models with random weights, one for each kind of memory. They talk nonsense, always the same.

Their tokens are bytes. Tensor names and shapes: llama.cpp, src/models/ (llama.cpp, mamba.cpp, jamba.cpp, gemma3.cpp).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from endpoint.providers.base import MemoryKind
from tests.tiny.gguf import Tensor, Value, write_gguf

EMBEDDING, FEED_FORWARD, HEAD, KV_HEADS = 64, 128, 16, 2
INNER, STATE, RANK, CONV = 2 * EMBEDDING, 16, 8, 4
WINDOW = 96
"""Tokens that the sliding-window model's windowed layers see."""
CONTROL = 3
TOKENS = CONTROL + 256

Tensors = dict[str, Tensor]
Metadata = dict[str, Value]


def write_tiny(kind: MemoryKind, path: Path, extra: Metadata | None = None, head: int = HEAD) -> None:
    """Write the model of a kind, with `extra` metadata, and heads of so many numbers, at most 32."""
    metadata, tensors = _MODELS[kind](_Weights(head))
    architecture = metadata["general.architecture"]
    common: Metadata = {
        f"{architecture}.context_length": 4096,
        f"{architecture}.embedding_length": EMBEDDING,
        f"{architecture}.attention.layer_norm_rms_epsilon": 1e-5,
    }
    write_gguf(path, metadata | common | _vocabulary() | (extra or {}), tensors)


class _Weights:
    """Random tensors, the same in each process."""

    def __init__(self, head: int) -> None:
        self.head = head
        self._random = np.random.default_rng(7)

    def matrix(self, inputs: int, outputs: int, scale: float = 1.0) -> Tensor:
        return self._random.normal(0, scale / inputs**0.5, (outputs, inputs)).astype(np.float32)

    def ends(self) -> Tensors:
        """Embedding, output and last norm. Control tokens' output is zero, so that none is ever likely."""
        output = self.matrix(EMBEDDING, TOKENS, 4.0)
        output[:CONTROL] = 0
        return {
            "token_embd.weight": self.matrix(EMBEDDING, TOKENS),
            "output.weight": output,
            "output_norm.weight": _ones(EMBEDDING),
        }

    def mamba(self, block: str) -> Tensors:
        return {
            f"{block}.ssm_in.weight": self.matrix(EMBEDDING, 2 * INNER),
            f"{block}.ssm_conv1d.weight": self.matrix(CONV, INNER),
            f"{block}.ssm_conv1d.bias": self.matrix(1, INNER)[:, 0],
            f"{block}.ssm_x.weight": self.matrix(INNER, RANK + 2 * STATE),
            f"{block}.ssm_dt.weight": self.matrix(RANK, INNER),
            f"{block}.ssm_dt.bias": np.full(INNER, -4, np.float32),  # forgets slowly
            f"{block}.ssm_a": np.tile(-np.arange(1, STATE + 1, dtype=np.float32) / STATE, (INNER, 1)),
            f"{block}.ssm_d": _ones(INNER),
            f"{block}.ssm_out.weight": self.matrix(INNER, EMBEDDING),
        }

    def attention(self, block: str) -> Tensors:
        return {
            f"{block}.attn_q.weight": self.matrix(EMBEDDING, EMBEDDING, 2.0),
            f"{block}.attn_k.weight": self.matrix(EMBEDDING, KV_HEADS * self.head, 2.0),
            f"{block}.attn_v.weight": self.matrix(EMBEDDING, KV_HEADS * self.head),
            f"{block}.attn_output.weight": self.matrix(EMBEDDING, EMBEDDING, 3.0),
        }

    def feed_forward(self, block: str) -> Tensors:
        return {
            f"{block}.ffn_norm.weight": _ones(EMBEDDING),
            f"{block}.ffn_gate.weight": self.matrix(EMBEDDING, FEED_FORWARD),
            f"{block}.ffn_up.weight": self.matrix(EMBEDDING, FEED_FORWARD),
            f"{block}.ffn_down.weight": self.matrix(FEED_FORWARD, EMBEDDING),
        }


def _attention(weights: _Weights) -> tuple[Metadata, Tensors]:
    tensors = weights.ends()
    for block in _blocks(4):
        tensors |= {f"{block}.attn_norm.weight": _ones(EMBEDDING)}
        tensors |= weights.attention(block) | weights.feed_forward(block)
    return _transformer("llama", 4, weights.head) | {"llama.attention.head_count_kv": KV_HEADS}, tensors


def _recurrent(weights: _Weights) -> tuple[Metadata, Tensors]:
    tensors = weights.ends()
    for block in _blocks(3):
        tensors |= {f"{block}.attn_norm.weight": _ones(EMBEDDING)} | weights.mamba(block)
    return {"general.architecture": "mamba", "mamba.block_count": 3, **_ssm("mamba")}, tensors


def _hybrid(weights: _Weights) -> tuple[Metadata, Tensors]:
    tensors = weights.ends()
    for number, block in enumerate(_blocks(4)):
        tensors[f"{block}.attn_norm.weight"] = _ones(EMBEDDING)
        if number % 2:
            tensors |= weights.attention(block)
        else:
            tensors |= weights.mamba(block)
            for name, size in (("dt", RANK), ("b", STATE), ("c", STATE)):
                tensors[f"{block}.ssm_{name}_norm.weight"] = _ones(size)
        tensors |= weights.feed_forward(block)
    kv_heads = [0, KV_HEADS, 0, KV_HEADS]
    return _transformer("jamba", 4, weights.head) | {"jamba.attention.head_count_kv": kv_heads} | _ssm("jamba"), tensors


def _sliding_window(weights: _Weights) -> tuple[Metadata, Tensors]:
    tensors = weights.ends()
    for block in _blocks(6):
        for norm in ("attn_norm", "post_attention_norm", "post_ffw_norm"):
            tensors[f"{block}.{norm}.weight"] = _ones(EMBEDDING)
        for norm in ("attn_q_norm", "attn_k_norm"):
            tensors[f"{block}.{norm}.weight"] = _ones(weights.head)
        tensors |= weights.attention(block) | weights.feed_forward(block)
    window: Metadata = {"gemma3.attention.head_count_kv": KV_HEADS, "gemma3.attention.sliding_window": WINDOW}
    return _transformer("gemma3", 6, weights.head) | window, tensors


_MODELS: dict[MemoryKind, Callable[[_Weights], tuple[Metadata, Tensors]]] = {
    MemoryKind.ATTENTION: _attention,
    MemoryKind.RECURRENT: _recurrent,
    MemoryKind.HYBRID: _hybrid,
    MemoryKind.SLIDING_WINDOW: _sliding_window,
}


def _transformer(architecture: str, blocks: int, head: int) -> Metadata:
    return {
        "general.architecture": architecture,
        f"{architecture}.block_count": blocks,
        f"{architecture}.feed_forward_length": FEED_FORWARD,
        f"{architecture}.attention.head_count": EMBEDDING // head,
        f"{architecture}.attention.key_length": head,
        f"{architecture}.attention.value_length": head,
    }


def _ssm(architecture: str) -> Metadata:
    return {
        f"{architecture}.ssm.conv_kernel": CONV,
        f"{architecture}.ssm.inner_size": INNER,
        f"{architecture}.ssm.state_size": STATE,
        f"{architecture}.ssm.time_step_rank": RANK,
    }


def _vocabulary() -> Metadata:
    """Unknown, start, end, and the bytes; for 0xFF, which no text has, the mark that this kind of vocabulary writes for
    a space."""
    normal, unknown, control, byte = 1, 2, 3, 6
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", *(f"<0x{value:02X}>" for value in range(255)), "▁"],
        "tokenizer.ggml.scores": [0.0] * TOKENS,
        "tokenizer.ggml.token_type": [unknown, control, control, *[byte] * 255, normal],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_space_prefix": False,
    }


def _blocks(count: int) -> list[str]:
    return [f"blk.{number}" for number in range(count)]


def _ones(size: int) -> Tensor:
    return np.ones(size, np.float32)
