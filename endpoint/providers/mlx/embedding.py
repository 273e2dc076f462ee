"""Embeddings from a model's hidden states, on caches of their own. Engine thread only.

A causal model's input can be computed in pieces; the token vectors are pooled as with llama.cpp.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np

from endpoint.errors import GenerationFailed
from endpoint.providers.chunks import ChunkSizer
from endpoint.providers.embedding import EmbeddingTraits, Pooling, Vector
from endpoint.providers.mlx.body import find_body
from endpoint.providers.mlx.state import State, evaluate, make_state
from endpoint.providers.pooling import Pool


class MlxEmbedder:
    """One input at a time, of up to `longest` tokens."""

    def __init__(self, model: Any, longest: int) -> None:
        self._model = model
        self._body = find_body(model)
        width = self._body.width if self._body is not None else 0
        self._traits = EmbeddingTraits(width, longest, Pooling.MEAN, is_own=False) if self._body is not None else None
        self._chunks = ChunkSizer()
        self._tokens: Sequence[int] = ()
        self._state: State = []
        self._done = 0
        self._pool = Pool(Pooling.MEAN, width)

    @property
    def traits(self) -> EmbeddingTraits | None:
        """The mean takes in all that was said, whereas the last token of a model that writes stands for the next."""
        return self._traits

    def begin(self, tokens: Sequence[int], pooling: Pooling) -> None:
        """See `providers.embedding.Embedder`."""
        if self._body is None:
            raise GenerationFailed("This model gives no embeddings.")
        self._tokens, self._done = tokens, 0
        self._state = make_state(self._model)
        self._pool = Pool(pooling, self._body.width)

    def forget(self) -> None:
        """See `providers.embedding.Embedder`."""
        self._state = []

    def step(self, *, brief: bool) -> Vector | None:
        """See `providers.embedding.Embedder`."""
        if self._body is None or not self._state:
            raise GenerationFailed("No input was taken up.")
        count = min(len(self._tokens) - self._done, self._chunks.size(brief=brief))
        started = time.perf_counter()
        try:
            hidden = self._body.compute(mx.array([self._tokens[self._done : self._done + count]]), self._state)
            vectors = np.array(hidden[0].astype(mx.float32))
            evaluate(self._state)
        except Exception as error:  # the library's own failures have no common type
            self._state = []
            raise GenerationFailed(f"MLX gave up on computing an embedding: {error}") from error
        self._chunks.learn(count, decoded=0, seconds=time.perf_counter() - started)
        self._pool.add(vectors)
        self._done += count
        if self._done < len(self._tokens):
            return None
        self._state = []
        return self._pool.vector()

    def close(self) -> None:
        """Forget the model and what was begun."""
        self._model, self._body, self._state = None, None, []
