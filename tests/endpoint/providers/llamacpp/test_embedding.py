"""Embeddings of the starter model and of a tiny encoder, against llama.cpp's own through its high-level class."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import llama_cpp
import pytest

from endpoint.errors import GenerationFailed
from endpoint.providers.base import MemoryKind, Provider
from endpoint.providers.embedding import EmbeddingTraits, Pooling, Vector
from endpoint.providers.llamacpp import entry
from endpoint.providers.llamacpp.embedding import CHUNK, choose_size
from endpoint.providers.options import LoadOptions
from tests.tiny.encoder import write_tiny_encoder
from tests.tiny.models import write_tiny

TEXTS = ["A dog runs across the field.", "Hi", "Shares fell sharply on Monday. " * 14]
LLAMA_POOLING = {
    Pooling.MEAN: llama_cpp.LLAMA_POOLING_TYPE_MEAN,
    Pooling.CLS: llama_cpp.LLAMA_POOLING_TYPE_CLS,
    Pooling.LAST: llama_cpp.LLAMA_POOLING_TYPE_LAST,
}


def embed(provider: Provider, text: str, pooling: Pooling, *, brief: bool = False) -> Vector:
    provider.embedder.begin(provider.tokenizer.encode_whole(text), pooling)
    while True:
        vector = provider.embedder.step(brief=brief)
        if vector is not None:
            return vector


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


def peer_vectors(path: Path, pooling: Pooling) -> list[list[float]]:
    peer = llama_cpp.Llama(
        str(path),
        embedding=True,
        pooling_type=LLAMA_POOLING[pooling],
        n_ctx=1024,
        n_batch=1024,
        n_ubatch=1024,
        n_threads=1,
        n_threads_batch=1,
        verbose=False,
    )
    try:
        found: list[list[float]] = [peer.embed(text, truncate=False) for text in TEXTS]
        return found
    finally:
        peer.close()


@pytest.fixture(scope="module")
def starter() -> Iterator[Provider]:
    provider = entry.load("starter", LoadOptions(n_ctx=1024, threads=1), lambda _: None)
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    path = tmp_path_factory.mktemp("encoder") / "tiny-bert.gguf"
    write_tiny_encoder(path)
    provider = entry.load(str(path), LoadOptions(threads=1), lambda _: None)
    yield provider
    provider.close()


def path_of(provider: Provider) -> Path:
    assert provider.info.path is not None
    return provider.info.path


@pytest.mark.parametrize("pooling", Pooling)
def test_the_starters_vectors_are_llama_cpps_own(starter: Provider, pooling: Pooling) -> None:
    for text, expected in zip(TEXTS, peer_vectors(path_of(starter), pooling), strict=True):
        assert cosine(embed(starter, text, pooling), expected) > 1 - 1e-4


@pytest.mark.parametrize("pooling", Pooling)
def test_an_encoders_vectors_are_llama_cpps_own(encoder: Provider, pooling: Pooling) -> None:
    for text, expected in zip(TEXTS, peer_vectors(path_of(encoder), pooling), strict=True):
        assert cosine(embed(encoder, text, pooling), expected) > 1 - 1e-4


@pytest.mark.parametrize("kind", [MemoryKind.RECURRENT, MemoryKind.HYBRID, MemoryKind.SLIDING_WINDOW])
def test_models_of_every_memory_embed_as_llama_cpp_does(kind: MemoryKind, tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    write_tiny(kind, path)
    provider = entry.load(str(path), LoadOptions(n_ctx=1024, parallel=2, threads=1), lambda _: None)
    found = [embed(provider, text, Pooling.MEAN, brief=True) for text in TEXTS]
    provider.close()
    for vector, expected in zip(found, peer_vectors(path, Pooling.MEAN), strict=True):
        assert cosine(vector, expected) > 1 - 1e-4


def traits_of(provider: Provider) -> EmbeddingTraits:
    traits = provider.embedder.traits
    assert traits is not None
    return traits


def test_a_long_input_in_small_pieces_gives_the_same_vector(starter: Provider) -> None:
    assert len(starter.tokenizer.encode_whole(TEXTS[2])) > CHUNK
    whole = embed(starter, TEXTS[2], Pooling.MEAN)
    assert cosine(embed(starter, TEXTS[2], Pooling.MEAN, brief=True), whole) > 1 - 1e-6


def test_a_long_input_after_a_short_one_finds_room(starter: Provider) -> None:
    tokens = starter.tokenizer.encode_whole("word " * 520)
    assert choose_size(2, 8192) < len(tokens) < traits_of(starter).longest
    embed(starter, "short", Pooling.MEAN)
    long = embed(starter, "word " * 520, Pooling.LAST)
    assert all(map(math.isfinite, long))


def test_what_the_models_are_is_told(starter: Provider, encoder: Provider) -> None:
    assert (starter.caps.generates, traits_of(starter).is_own) == (True, False)
    assert (encoder.caps.generates, traits_of(encoder).is_own) == (False, True)
    assert traits_of(encoder).pooling is Pooling.CLS
    assert traits_of(starter).dimensions == 576


def test_nothing_is_computed_before_an_input_is_taken_up(encoder: Provider, tmp_path: Path) -> None:
    write_tiny_encoder(tmp_path / "fresh.gguf")
    fresh = entry.load(str(tmp_path / "fresh.gguf"), LoadOptions(threads=1), lambda _: None)
    with pytest.raises(GenerationFailed):
        fresh.embedder.step(brief=False)
    fresh.close()


def test_sizes_grow_by_doubling_up_to_the_longest() -> None:
    assert [choose_size(count, 3000) for count in (1, 512, 513, 2048, 2049)] == [512, 512, 1024, 2048, 3000]
