"""A tiny BERT with random weights: it embeds and can't write. Tensors: llama.cpp, src/models/bert.cpp."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np

from tests.tiny.gguf import Tensor, Value, write_gguf

WIDTH, FEED_FORWARD, HEADS, BLOCKS, LONGEST = 32, 64, 4, 2, 1024
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# As the converter writes a WordPiece vocabulary: what begins a word carries this mark, what goes on in one none.
_CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation
TOKENS = [*_SPECIAL, *(f"\u2581{each}" for each in _CHARACTERS), *_CHARACTERS]
_CLS_POOLING = 2


def write_tiny_encoder(path: Path) -> None:
    """Write it: pooling by its first token, inputs of up to LONGEST tokens."""
    random = np.random.default_rng(11)

    def matrix(inputs: int, outputs: int) -> Tensor:
        return random.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float32)

    def bias(size: int) -> Tensor:
        return random.normal(0, 0.1, size).astype(np.float32)

    tensors = {
        "token_embd.weight": matrix(WIDTH, len(TOKENS)),
        "position_embd.weight": matrix(WIDTH, LONGEST),
        "token_types.weight": matrix(WIDTH, 2),
        "token_embd_norm.weight": np.ones(WIDTH, np.float32),
        "token_embd_norm.bias": bias(WIDTH),
    }
    for number in range(BLOCKS):
        for name, inputs, outputs in (
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", WIDTH, WIDTH),
            ("attn_v", WIDTH, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_up", WIDTH, FEED_FORWARD),
            ("ffn_down", FEED_FORWARD, WIDTH),
        ):
            tensors[f"blk.{number}.{name}.weight"] = matrix(inputs, outputs)
            tensors[f"blk.{number}.{name}.bias"] = bias(outputs)
        for name in ("attn_output_norm", "layer_output_norm"):
            tensors[f"blk.{number}.{name}.weight"] = np.ones(WIDTH, np.float32)
            tensors[f"blk.{number}.{name}.bias"] = bias(WIDTH)
    write_gguf(path, _metadata(), tensors)


def _metadata() -> dict[str, Value]:
    normal, control = 1, 3
    return {
        "general.architecture": "bert",
        "bert.context_length": LONGEST,
        "bert.embedding_length": WIDTH,
        "bert.block_count": BLOCKS,
        "bert.feed_forward_length": FEED_FORWARD,
        "bert.attention.head_count": HEADS,
        "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False,
        "bert.pooling_type": _CLS_POOLING,
        "tokenizer.ggml.model": "bert",
        "tokenizer.ggml.token_type_count": 2,
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.token_type": [control] * len(_SPECIAL) + [normal] * (len(TOKENS) - len(_SPECIAL)),
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.cls_token_id": 2,
        "tokenizer.ggml.seperator_token_id": 3,
        "tokenizer.ggml.unknown_token_id": 1,
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.mask_token_id": 4,
    }
