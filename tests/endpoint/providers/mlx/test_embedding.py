"""Embeddings of tiny models, against arithmetic written out here, and of the real one, against llama.cpp's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import numpy.typing as npt
import pytest
from mlx_lm.utils import load_model
from safetensors.numpy import load_file

from endpoint.errors import GenerationFailed
from endpoint.providers.base import MemoryKind
from endpoint.providers.chunks import SMALLEST
from endpoint.providers.embedding import Embedder, Pooling, Vector
from endpoint.providers.llamacpp import entry
from endpoint.providers.mlx.embedding import MlxEmbedder
from endpoint.providers.options import LoadOptions
from tests.tiny.mlx_models import HEAD, HEADS, KV_HEADS, locate_smollm2, write_tiny_mlx

Matrix = npt.NDArray[np.float32]
TOKENS = [20 + 7 * number % 200 for number in range(150)]


def embed(embedder: Embedder, tokens: Sequence[int], pooling: Pooling, *, brief: bool = False) -> Vector:
    embedder.begin(tokens, pooling)
    while (vector := embedder.step(brief=brief)) is None:
        pass
    return vector


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


def load_tiny(kind: MemoryKind, folder: Path) -> Any:
    write_tiny_mlx(kind, folder)
    return load_model(folder)[0]


class Reference:
    """The tiny llama in numpy: every token at once, no cache."""

    def __init__(self, folder: Path) -> None:
        self.weights: dict[str, Matrix] = load_file(folder / "model.safetensors")

    def hidden(self, tokens: Sequence[int]) -> Matrix:
        states = self.weights["model.embed_tokens.weight"][list(tokens)]
        for layer in range(2):
            block = f"model.layers.{layer}"
            states = states + self.attend(f"{block}.self_attn", self.norm(f"{block}.input_layernorm", states))
            states = states + self.feed(f"{block}.mlp", self.norm(f"{block}.post_attention_layernorm", states))
        return self.norm("model.norm", states)

    def norm(self, name: str, states: Matrix) -> Matrix:
        scale = np.sqrt((states**2).mean(axis=-1, keepdims=True) + 1e-5)
        return np.asarray(states / scale * self.weights[f"{name}.weight"])

    def put(self, name: str, states: Matrix) -> Matrix:
        return np.asarray(states @ self.weights[f"{name}.weight"].T)

    def heads(self, name: str, states: Matrix, count: int) -> Matrix:
        return self.put(name, states).reshape(len(states), count, HEAD).transpose(1, 0, 2)

    def attend(self, name: str, states: Matrix) -> Matrix:
        queries = rotate(self.heads(f"{name}.q_proj", states, HEADS))
        keys = rotate(self.heads(f"{name}.k_proj", states, KV_HEADS)).repeat(HEADS // KV_HEADS, axis=0)
        values = self.heads(f"{name}.v_proj", states, KV_HEADS).repeat(HEADS // KV_HEADS, axis=0)
        scores = queries @ keys.transpose(0, 2, 1) / HEAD**0.5
        scores[:, np.triu(np.ones(scores.shape[1:], bool), 1)] = -np.inf
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return self.put(f"{name}.o_proj", (shares @ values).transpose(1, 0, 2).reshape(len(states), -1))

    def feed(self, name: str, states: Matrix) -> Matrix:
        gate = self.put(f"{name}.gate_proj", states)
        return self.put(f"{name}.down_proj", gate / (1 + np.exp(-gate)) * self.put(f"{name}.up_proj", states))


def rotate(heads: Matrix) -> Matrix:
    half = HEAD // 2
    angles = np.arange(heads.shape[1])[:, None] * 1e4 ** (-np.arange(half) / half)
    first, second = heads[..., :half], heads[..., half:]
    turned = (first * np.cos(angles) - second * np.sin(angles), second * np.cos(angles) + first * np.sin(angles))
    return np.concatenate(turned, axis=-1)


def test_vectors_are_what_the_models_arithmetic_says(tmp_path: Path) -> None:
    embedder = MlxEmbedder(load_tiny(MemoryKind.ATTENTION, tmp_path), 4096)
    hidden = Reference(tmp_path).hidden(TOKENS)
    expected = {Pooling.MEAN: hidden.mean(axis=0), Pooling.CLS: hidden[0], Pooling.LAST: hidden[-1]}
    for pooling, vector in expected.items():
        assert np.allclose(embed(embedder, TOKENS, pooling), vector, atol=1e-4)


@pytest.mark.parametrize("kind", MemoryKind)
def test_small_pieces_give_the_vector_of_one_large_piece(kind: MemoryKind, tmp_path: Path) -> None:
    model = load_tiny(kind, tmp_path)
    hidden = find_states(model)
    for pooling, expected in ((Pooling.MEAN, hidden.mean(axis=0)), (Pooling.LAST, hidden[-1])):
        assert np.allclose(embed(MlxEmbedder(model, 4096), TOKENS, pooling, brief=True), expected, atol=1e-4)


def find_states(model: Any) -> Matrix:
    """In one piece and with no cache."""
    body = model.backbone if "backbone" in model else model.model
    return np.array(body(mx.array([TOKENS]))[0])


def test_a_text_longer_than_a_piece_takes_several_steps(tmp_path: Path) -> None:
    embedder = MlxEmbedder(load_tiny(MemoryKind.ATTENTION, tmp_path), 4096)
    embedder.begin(TOKENS, Pooling.MEAN)
    assert len(TOKENS) > 4 * SMALLEST
    assert embedder.step(brief=True) is None


def test_an_input_that_was_given_up_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    embedder = MlxEmbedder(load_tiny(MemoryKind.HYBRID, tmp_path), 4096)
    expected = embed(embedder, [5, 6, 7], Pooling.MEAN)
    embedder.begin(TOKENS, Pooling.LAST)
    embedder.step(brief=True)
    assert embed(embedder, [5, 6, 7], Pooling.MEAN) == expected


def test_half_precision_vectors_come_as_ordinary_floats(tmp_path: Path) -> None:
    model = load_tiny(MemoryKind.ATTENTION, tmp_path)
    exact = embed(MlxEmbedder(model, 4096), TOKENS, Pooling.MEAN)
    model.set_dtype(mx.bfloat16)
    half = embed(MlxEmbedder(model, 4096), TOKENS, Pooling.MEAN)
    assert half.typecode == "f"
    assert 0.99 < cosine(half, exact) < 1


def test_a_token_that_the_model_lacks_or_no_input_is_told(tmp_path: Path) -> None:
    embedder = MlxEmbedder(load_tiny(MemoryKind.ATTENTION, tmp_path), 4096)
    with pytest.raises(GenerationFailed, match="No input"):
        embedder.step(brief=False)
    embedder.begin(["no number"], Pooling.MEAN)  # type: ignore[list-item]  # what the library refuses
    with pytest.raises(GenerationFailed, match="MLX gave up"):
        embedder.step(brief=False)
    assert all(map(math.isfinite, embed(embedder, [5], Pooling.CLS)))


@pytest.mark.slow_suite
def test_the_real_models_vectors_are_close_to_llama_cpps() -> None:
    """Not equal: llama.cpp's weights are the same, but its activations are rounded to 8 bits."""
    peer = entry.load("starter", LoadOptions(n_ctx=512, threads=1), lambda _: None)
    model = MlxEmbedder(load_model(locate_smollm2())[0], 512)
    assert model.traits == peer.embedder.traits
    for text in ("A dog runs across the field.", "Shares fell sharply on Monday, and nobody knew why."):
        tokens = peer.tokenizer.encode_whole(text)
        for pooling in Pooling:
            assert cosine(embed(model, tokens, pooling), embed(peer.embedder, tokens, pooling)) > 0.99
    peer.close()
