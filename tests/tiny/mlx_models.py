"""Tiny MLX models with random weights, one for each kind of memory. They talk nonsense, always the same.

Their tokens are bytes. Written with numpy alone, so that a test whose endpoint is another process needs no mlx in its
own. Names and shapes: mlx-lm's models/ (llama.py, gemma3_text.py, mamba2.py, falcon_h1.py). Their caches:

    ATTENTION       KVCache in both layers
    SLIDING_WINDOW  RotatingKVCache and KVCache in turn
    RECURRENT       ArraysCache in all three layers
    HYBRID          CacheList(ArraysCache, KVCache) in both layers

And a real one: the starter model, converted.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs
from safetensors.numpy import save_file

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from tests.tiny.gguf import Tensor
from tests.tiny.mlx_tokenizer import CONTROL, END, START, TOKENS, write_byte_tokenizer
from tests.tiny.smollm2 import VERSION, convert_smollm2

CONTEXT = 4096
EMBEDDING, FEED_FORWARD, HEADS, KV_HEADS = 64, 128, 4, 2
HEAD = EMBEDDING // HEADS
INNER, STATE, INNER_HEADS, CONV = 2 * EMBEDDING, 32, 8, 4
"""The Metal kernel for running states wants them in multiples of 32."""
CONVOLVED = INNER + 2 * STATE
WINDOW = 96
"""Tokens that the sliding-window model's windowed layers see."""

Tensors = dict[str, Tensor]
Config = dict[str, object]


def write_tiny_mlx(kind: MemoryKind, folder: Path) -> None:
    """Write the model of a kind into `folder`, which is made if it isn't there: some 0.5 MB, in a few milliseconds."""
    folder.mkdir(parents=True, exist_ok=True)
    config, tensors = _MODELS[kind](_Weights())
    ends: Config = {"bos_token_id": START, "eos_token_id": END}
    common: Config = {"hidden_size": EMBEDDING, "vocab_size": TOKENS, "max_position_embeddings": CONTEXT}
    (folder / "config.json").write_text(json.dumps(config | common | ends | {"torch_dtype": "float32"}, indent=1))
    (folder / "generation_config.json").write_text(json.dumps(ends))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "mlx"})
    write_byte_tokenizer(folder)


def locate_smollm2() -> Path:
    """The folder of SmolLM2-135M-Instruct in fp32 (540 MB), made from the starter's GGUF file once, in the user's cache
    directory. Other numbers are much slower on a CPU."""
    folder: Path = platformdirs.user_cache_path("traypoint") / "test-models" / f"smollm2-135m-mlx-fp32-{VERSION}"
    if not folder.is_dir():
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        convert_smollm2(locate_model("starter"), part)
        try:
            part.rename(folder)  # at once: another process may be at it too
        except OSError:
            if not folder.is_dir():
                raise
            shutil.rmtree(part)  # … and was first
    return folder


class _Weights:
    """Random tensors, the same in each process."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    def matrix(self, inputs: int, outputs: int, scale: float = 1.0) -> Tensor:
        return self._random.normal(0, scale / inputs**0.5, (outputs, inputs)).astype(np.float32)

    def ends(self, embedding: str, norm: str, *, norm_scale: float = 1.0) -> Tensors:
        """Embedding, output and last norm. Control tokens' output is zero, so that none is ever likely."""
        output = self.matrix(EMBEDDING, TOKENS, 4.0)
        output[:CONTROL] = 0
        return {
            f"{embedding}.weight": self.matrix(EMBEDDING, TOKENS),
            "lm_head.weight": output,
            f"{norm}.weight": np.full(EMBEDDING, norm_scale, np.float32),
        }

    def attention(self, block: str) -> Tensors:
        """Queries and keys are large, so that a token looks at few others and the answer depends on which."""
        return {
            f"{block}.q_proj.weight": self.matrix(EMBEDDING, EMBEDDING, 2.0),
            f"{block}.k_proj.weight": self.matrix(EMBEDDING, KV_HEADS * HEAD, 2.0),
            f"{block}.v_proj.weight": self.matrix(EMBEDDING, KV_HEADS * HEAD),
            f"{block}.o_proj.weight": self.matrix(EMBEDDING, EMBEDDING, 3.0),
        }

    def feed_forward(self, block: str) -> Tensors:
        return {
            f"{block}.gate_proj.weight": self.matrix(EMBEDDING, FEED_FORWARD),
            f"{block}.up_proj.weight": self.matrix(EMBEDDING, FEED_FORWARD),
            f"{block}.down_proj.weight": self.matrix(FEED_FORWARD, EMBEDDING),
        }

    def running(self, block: str) -> Tensors:
        """One of Mamba 2's blocks, which forgets slowly."""
        return {
            f"{block}.in_proj.weight": self.matrix(EMBEDDING, INNER + CONVOLVED + INNER_HEADS),
            f"{block}.conv1d.weight": self.matrix(CONV, CONVOLVED)[:, :, None],
            f"{block}.conv1d.bias": _fill(CONVOLVED, 0.0),
            f"{block}.dt_bias": _fill(INNER_HEADS, -3.0),
            f"{block}.A_log": np.log(np.arange(1, INNER_HEADS + 1, dtype=np.float32) / INNER_HEADS),
            f"{block}.D": _fill(INNER_HEADS),
            f"{block}.norm.weight": _fill(INNER),
            f"{block}.out_proj.weight": self.matrix(INNER, EMBEDDING, 2.0),
        }


def _attention(weights: _Weights) -> tuple[Config, Tensors]:
    tensors = weights.ends("model.embed_tokens", "model.norm")
    for block in _blocks("model", 2):
        tensors |= _norms(block, "input_layernorm", "post_attention_layernorm")
        tensors |= weights.attention(f"{block}.self_attn") | weights.feed_forward(f"{block}.mlp")
    return _transformer("llama", 2) | {"tie_word_embeddings": False, "rope_theta": 1e4}, tensors


def _sliding_window(weights: _Weights) -> tuple[Config, Tensors]:
    """Gemma's norms multiply by one more than their weights."""
    tensors = weights.ends("model.embed_tokens", "model.norm", norm_scale=0.0)
    for block in _blocks("model", 4):
        for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            tensors[f"{block}.{norm}_layernorm.weight"] = _fill(EMBEDDING, 0.0)
        for norm in ("q_norm", "k_norm"):
            tensors[f"{block}.self_attn.{norm}.weight"] = _fill(HEAD, 0.5)
        tensors |= weights.attention(f"{block}.self_attn") | weights.feed_forward(f"{block}.mlp")
    window = {"sliding_window": WINDOW, "sliding_window_pattern": 2, "query_pre_attn_scalar": HEAD}
    return _transformer("gemma3_text", 4) | window, tensors


def _recurrent(weights: _Weights) -> tuple[Config, Tensors]:
    tensors = weights.ends("backbone.embeddings", "backbone.norm_f")
    for block in _blocks("backbone", 3):
        tensors |= _norms(block, "norm") | weights.running(f"{block}.mixer")
    config: Config = {
        "model_type": "mamba2",
        "num_hidden_layers": 3,
        "num_heads": INNER_HEADS,
        "head_dim": INNER // INNER_HEADS,
        "intermediate_size": INNER,
        "state_size": STATE,
        "layer_norm_epsilon": 1e-5,
        "conv_kernel": CONV,
        "n_groups": 1,
        "use_bias": False,
        "use_conv_bias": True,
        "tie_word_embeddings": False,
        "time_step_limit": [0.0, 100.0],
        "time_step_rank": "auto",
    }
    return config, tensors


def _hybrid(weights: _Weights) -> tuple[Config, Tensors]:
    tensors = weights.ends("model.embed_tokens", "model.final_layernorm")
    for block in _blocks("model", 2):
        tensors |= _norms(block, "input_layernorm", "pre_ff_layernorm") | weights.running(f"{block}.mamba")
        tensors |= weights.attention(f"{block}.self_attn") | weights.feed_forward(f"{block}.feed_forward")
    config: Config = {
        "mamba_d_conv": CONV,
        "mamba_d_head": INNER // INNER_HEADS,
        "mamba_d_ssm": INNER,
        "mamba_d_state": STATE,
        "mamba_n_groups": 1,
        "mamba_n_heads": INNER_HEADS,
        "mamba_rms_norm": True,
        "tie_word_embeddings": False,
        "rope_theta": 1e4,
    }
    return _transformer("falcon_h1", 2) | config, tensors


_MODELS: dict[MemoryKind, Callable[[_Weights], tuple[Config, Tensors]]] = {
    MemoryKind.ATTENTION: _attention,
    MemoryKind.SLIDING_WINDOW: _sliding_window,
    MemoryKind.RECURRENT: _recurrent,
    MemoryKind.HYBRID: _hybrid,
}


def _transformer(model_type: str, blocks: int) -> Config:
    return {
        "model_type": model_type,
        "num_hidden_layers": blocks,
        "intermediate_size": FEED_FORWARD,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD,
        "rms_norm_eps": 1e-5,
    }


def _blocks(root: str, count: int) -> list[str]:
    return [f"{root}.layers.{number}" for number in range(count)]


def _norms(block: str, *names: str) -> Tensors:
    return {f"{block}.{name}.weight": _fill(EMBEDDING) for name in names}


def _fill(size: int, value: float = 1.0) -> Tensor:
    return np.full(size, value, np.float32)
