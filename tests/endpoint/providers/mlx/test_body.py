"""Of architectures that differ in how they are built, the hidden states are those that the output head gets."""

from __future__ import annotations

import importlib
from typing import Any

import mlx.core as mx
import pytest
from mlx import nn

from endpoint.providers.mlx.body import find_body
from endpoint.providers.mlx.state import make_state

WIDTH, TOKENS = 64, 100
PLAIN: dict[str, object] = {
    "hidden_size": WIDTH,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "rms_norm_eps": 1e-5,
    "vocab_size": TOKENS,
    "rope_theta": 10000.0,
    "max_position_embeddings": 128,
    "tie_word_embeddings": True,
}
MODELS: dict[str, dict[str, object]] = {
    "llama": {},
    "qwen3": {},
    "gemma3_text": {"sliding_window": 16, "sliding_window_pattern": 2, "query_pre_attn_scalar": 16},
    "phi3": {"rope_traditional": False},
    "cohere2": {"layer_norm_eps": 1e-5, "sliding_window": 16, "sliding_window_pattern": 2, "logit_scale": 1.0},
}


def build(kind: str) -> Any:
    module = importlib.import_module(f"mlx_lm.models.{kind}")
    mx.random.seed(3)
    return module.Model(module.ModelArgs.from_dict({"model_type": kind, **PLAIN, **MODELS[kind]}))


@pytest.mark.parametrize("kind", list(MODELS))
def test_the_head_makes_the_models_logits_of_them(kind: str) -> None:
    model = build(kind)
    body = find_body(model)
    assert body is not None
    assert body.width == WIDTH
    tokens = mx.array([[5, 6, 7, 8]])
    head = model.lm_head if "lm_head" in model else model.model.embed_tokens.as_linear
    logits = head(body.compute(tokens, make_state(model)))
    assert mx.allclose(logits, model(tokens, cache=make_state(model)), atol=1e-4)


class Wrapped(nn.Module):  # type: ignore[misc]  # mlx has no types
    """As models that take images are built."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.language_model = inner

    @property
    def layers(self) -> Any:
        return self.language_model.layers


def test_a_language_model_inside_another_is_found() -> None:
    body = find_body(Wrapped(build("llama")))
    assert body is not None
    assert body.width == WIDTH


class Strange(nn.Module):  # type: ignore[misc]  # mlx has no types
    """Its `model` takes no cache."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Linear(4, 4)
        self.layers = [nn.Linear(4, 4)]


def test_where_nothing_works_alone_there_is_none() -> None:
    assert find_body(Strange()) is None
