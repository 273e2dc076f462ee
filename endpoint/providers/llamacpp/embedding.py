"""Embeddings by llama.cpp: a second context over the same model, made when it is first needed. Engine thread only.

It gives every token's vector, and they are pooled here, as llama.cpp's own build_pooling does: so one context serves
every pooling, and a causal model's input can be computed in pieces. Where each token sees those behind it, an input is
one piece. The context grows with the longest input so far, and stays until the model is closed. Its keys and values
have 16 bits, whatever those of generation have: vectors that somebody has stored must stay comparable.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import llama_cpp.llama_cpp as ll
import numpy as np

from endpoint.errors import GenerationFailed
from endpoint.providers.chunks import ChunkSizer
from endpoint.providers.embedding import EmbeddingTraits, Pooling, Vector
from endpoint.providers.llamacpp.sizing import SCORE_BYTES, SCORES_LIMIT
from endpoint.providers.pooling import Pool, TokenVectors

CHUNK = 64
"""The most tokens a step of a causal model. The library makes logits of them too: memory, that more would take."""
SMALLEST = 512


class LlamaEmbedder:
    """`threads` tells how many to compute with. `causal`: no token sees those behind it."""

    def __init__(
        self, model: ll.llama_model_p, traits: EmbeddingTraits, threads: Callable[[], int], *, causal: bool
    ) -> None:
        self._model = model
        self._traits = traits
        self._threads = threads
        self._causal = causal
        self._context: EmbeddingContext | None = None
        self._tokens: Sequence[int] = ()
        self._done = 0
        self._chunks = ChunkSizer(CHUNK)
        self._pool = Pool(traits.pooling, traits.dimensions)

    @property
    def traits(self) -> EmbeddingTraits:
        """As the model's metadata has them."""
        return self._traits

    def begin(self, tokens: Sequence[int], pooling: Pooling) -> None:
        """See `providers.embedding.Embedder`."""
        self._tokens, self._done = tokens, 0
        self._pool = Pool(pooling, self._traits.dimensions)
        if self._context is None or self._context.size < len(tokens):
            self.close()
            size = choose_size(len(tokens), self._traits.longest)
            self._context = EmbeddingContext(self._model, size, CHUNK if self._causal else size)
        self._context.clear()

    def forget(self) -> None:
        """See `providers.embedding.Embedder`. The context stays for the next input."""
        self._tokens = ()

    def step(self, *, brief: bool) -> Vector | None:
        """See `providers.embedding.Embedder`."""
        if self._context is None:
            raise GenerationFailed("No input was taken up.")
        count = len(self._tokens)
        if self._causal:
            count = min(count - self._done, self._chunks.size(brief=brief))
        started = time.perf_counter()
        rows = self._context.compute(self._tokens[self._done : self._done + count], self._done, self._threads())
        self._chunks.learn(count, decoded=0, seconds=time.perf_counter() - started)
        self._pool.add(rows)
        self._done += count
        return self._pool.vector() if self._done == len(self._tokens) else None

    def close(self) -> None:
        """Free the context."""
        if self._context is not None:
            self._context.close()
            self._context = None


def choose_size(tokens: int, longest: int) -> int:
    """Cells for an input: a power of two, so that growing inputs don't reopen the context each time."""
    return min(max(SMALLEST, 1 << (tokens - 1).bit_length()), longest)


class EmbeddingContext:
    """A llama_context that gives token vectors, for one sequence of `size` tokens, `chunk` at once."""

    def __init__(self, model: ll.llama_model_p, size: int, chunk: int) -> None:
        self.size = size
        pointer = ll.llama_init_from_model(model, _make_params(model, size, chunk))
        if not pointer:
            raise GenerationFailed(f"There is not enough memory to embed {size} tokens at once.")
        self._pointer = pointer
        self._width = int(ll.llama_model_n_embd_out(model))
        self._batch = ll.llama_batch_init(chunk, 0, 1)

    def clear(self) -> None:
        """Forget the input before."""
        memory = ll.llama_get_memory(self._pointer)
        if memory:  # encoders have none
            ll.llama_memory_clear(memory, False)

    def compute(self, tokens: Sequence[int], start: int, threads: int) -> TokenVectors:
        """The vectors of tokens that stand at `start`. Raises GenerationFailed."""
        self._fill(tokens, start)
        ll.llama_set_n_threads(self._pointer, threads, threads)
        if ll.llama_decode(self._pointer, self._batch) != 0:
            raise GenerationFailed("llama.cpp gave up on computing an embedding.")
        found = ll.llama_get_embeddings(self._pointer)
        if not found:
            raise GenerationFailed("This model gives no embeddings.")
        return np.ctypeslib.as_array(found, shape=(len(tokens), self._width)).copy()

    def close(self) -> None:
        """Free context and batch."""
        ll.llama_batch_free(self._batch)
        ll.llama_free(self._pointer)

    def _fill(self, tokens: Sequence[int], start: int) -> None:
        batch = self._batch
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 1
        batch.n_tokens = len(tokens)


def _make_params(model: ll.llama_model_p, size: int, chunk: int) -> ll.llama_context_params:
    """Flash attention on a GPU, or where plain attention's scores would take too much memory, as for generation."""
    params = ll.llama_context_default_params()
    params.n_ctx = size
    params.n_batch = params.n_ubatch = chunk
    params.n_seq_max = 1
    params.embeddings = True
    params.pooling_type = ll.LLAMA_POOLING_TYPE_NONE
    scores = size * chunk * max(1, int(ll.llama_model_n_head(model))) * SCORE_BYTES
    flash = bool(ll.llama_supports_gpu_offload()) or scores > SCORES_LIMIT
    params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_AUTO if flash else ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.no_perf = True
    return params
