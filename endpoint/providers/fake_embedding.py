"""Embeddings with no model: the same tokens always give the same vector, other tokens another. Engine thread only."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence

from endpoint.providers.embedding import EmbeddingTraits, Pooling, Vector

DIMENSIONS = 16
CHUNK = 64
"""Tokens a step; half of them where it should be brief."""


class FakeEmbedder:
    """Inputs of up to `longest` tokens, CHUNK a step of `step_s` seconds."""

    def __init__(self, longest: int, step_s: float = 0.0) -> None:
        self._step_s = step_s
        self._traits = EmbeddingTraits(DIMENSIONS, longest, Pooling.MEAN, is_own=False)
        self._tokens: tuple[int, ...] = ()
        self._pooling = Pooling.MEAN
        self._done = 0

    @property
    def traits(self) -> EmbeddingTraits:
        """As made."""
        return self._traits

    def begin(self, tokens: Sequence[int], pooling: Pooling) -> None:
        """Take up an input."""
        self._tokens, self._pooling, self._done = tuple(tokens), pooling, 0

    def forget(self) -> None:
        """See `providers.embedding.Embedder`."""
        self._tokens = ()

    def step(self, *, brief: bool) -> Vector | None:
        """Count up a chunk."""
        if self._step_s:
            time.sleep(self._step_s)  # stands for the compute time of a real model
        self._done += CHUNK // 2 if brief else CHUNK
        return embed_bytes(self._tokens, self._pooling) if self._done >= len(self._tokens) else None


def embed_bytes(tokens: Sequence[int], pooling: Pooling) -> Vector:
    """A token's vector depends on it and on its place, as a real model's would; none is all zeros."""
    places = {
        Pooling.MEAN: range(len(tokens)),
        Pooling.CLS: range(1),
        Pooling.LAST: range(len(tokens) - 1, len(tokens)),
    }
    chosen = places[pooling]
    columns = ([_component(tokens[place], place, number) for place in chosen] for number in range(DIMENSIONS))
    return array("f", (sum(column) / len(chosen) for column in columns))


def _component(token: int, place: int, number: int) -> float:
    return 1.0 if number == 0 else ((token + 3 * place + 1) * (2 * number + 1) * 40_503 % 65_537) / 65_537 - 0.5
