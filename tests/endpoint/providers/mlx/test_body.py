"""Of architectures that differ in how they are built, the hidden states are those that the output head gets."""

from __future__ import annotations

import importlib
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from mlx import nn

from endpoint.providers.mlx.body import find_body, ranks_alike
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

    def __call__(self, tokens: mx.array, cache: Any = None) -> Any:
        return self.language_model(tokens, cache=cache)

    @property
    def layers(self) -> Any:
        return self.language_model.layers


def test_a_language_model_inside_another_is_found() -> None:
    body = find_body(Wrapped(build("llama")))
    assert body is not None
    assert body.width == WIDTH


class Bare(Wrapped):
    """Its head is a matrix and no module, as in talkie."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner.model)
        self.lm_head = mx.random.normal((TOKENS, WIDTH))

    def __call__(self, tokens: mx.array, cache: Any = None) -> Any:
        return self.language_model(tokens, cache=cache) @ self.lm_head.T


def test_a_head_that_is_a_plain_matrix_is_one_too() -> None:
    body = find_body(Bare(build("llama")))
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


class NormedOutside(nn.Module):  # type: ignore[misc]  # mlx has no types
    """The head gets the body's states through a norm that is not the body's."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.model = inner.model
        self.last_norm = nn.RMSNorm(WIDTH)
        self.last_norm.weight = mx.random.normal((WIDTH,))
        self.layers = inner.layers

    def __call__(self, tokens: mx.array, cache: Any = None) -> Any:
        return self.model.embed_tokens.as_linear(self.last_norm(self.model(tokens, cache=cache)))


def test_states_that_the_head_does_not_get_as_they_are_are_no_body() -> None:
    assert find_body(NormedOutside(build("llama"))) is None


def test_a_body_with_the_head_inside_gives_scores_and_no_states() -> None:
    module = importlib.import_module("mlx_lm.models.gpt_neox")
    shape = {"hidden_size": WIDTH, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
    rest = {"max_position_embeddings": 128, "layer_norm_eps": 1e-5, "vocab_size": WIDTH, "use_parallel_residual": True}
    rotary = {"rotary_emb_base": 10_000, "rotary_pct": 0.25, "num_key_value_heads": 4}
    model = module.Model(module.ModelArgs.from_dict({"model_type": "gpt_neox", **shape, **rest, **rotary}))
    assert model(mx.array([[5, 6]])).shape == (1, 2, WIDTH)  # as wide as states would be: only trying it out tells
    assert find_body(model) is None


@pytest.mark.parametrize("kind", list(MODELS))
def test_a_quantised_or_half_precision_model_has_its_body_too(kind: str) -> None:
    model = build(kind)
    nn.quantize(model, group_size=32, bits=4)
    model.set_dtype(mx.bfloat16)
    body = find_body(model)
    assert body is not None
    assert body.width == WIDTH


def test_scores_that_were_squashed_or_forbidden_are_in_the_same_order_still() -> None:
    scores = np.random.default_rng(5).normal(size=10_000).astype(np.float32) * 20
    squashed = np.tanh(scores / 30) * 30
    squashed[::7] = -np.inf
    assert ranks_alike(scores, squashed)
    assert not ranks_alike(scores, scores[::-1])
    assert not ranks_alike(scores, np.zeros_like(scores))
    assert not ranks_alike(np.full(9, -np.inf, np.float32), np.zeros(9, np.float32))
