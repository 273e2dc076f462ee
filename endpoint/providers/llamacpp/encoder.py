"""The provider of a model that embeds and can't write (BERT and its kin). Engine thread only.

Invariant: it is never given a job; the layers above refuse them by `caps.generates`.
"""

from __future__ import annotations

from collections.abc import Sequence

import llama_cpp.llama_cpp as ll

from endpoint.providers.base import (
    Capacity,
    Caps,
    Event,
    Job,
    MemoryKind,
    ModelInfo,
    Prefix,
    ProviderStats,
    Reuse,
)
from endpoint.providers.llamacpp.embedding import LlamaEmbedder
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.providers.llamacpp.vocabulary import open_vocabulary
from endpoint.providers.saved_state import SavedState


class EncoderProvider:
    """Owns the model and its embedder."""

    def __init__(
        self,
        model: ll.llama_model_p,
        tokenizer: LlamaTokenizer,
        info: ModelInfo,
        embedder: LlamaEmbedder,
        threads: int,
        log: LogCollector,
        fingerprint: str,
    ) -> None:
        self._model = model
        self._log = log  # the library calls it as long as it is loaded: it must not be collected
        self._tokenizer = tokenizer
        self._info = info
        self._embedder = embedder
        self._stats = ProviderStats(threads=threads)
        self._fingerprint = fingerprint

    @property
    def info(self) -> ModelInfo:
        """The loaded model; `n_ctx` is its longest input."""
        return self._info

    @property
    def caps(self) -> Caps:
        """No rows."""
        return Caps(max_parallel=0, memory=MemoryKind.ATTENTION, generates=False)

    @property
    def tokenizer(self) -> LlamaTokenizer:
        """The model's vocabulary."""
        return self._tokenizer

    @property
    def embedder(self) -> LlamaEmbedder:
        """What it is for."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """That of its files: no state depends on it."""
        return self._fingerprint

    def lasting_tokenizer(self) -> LlamaTokenizer:
        """Of the file's vocabulary, read again."""
        return open_vocabulary(self._info)

    def capacity(self) -> Capacity:
        """Room for nothing."""
        return Capacity(rows=0, cells=0)

    def stats(self) -> ProviderStats:
        """No cells, no prefixes."""
        return self._stats

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Raises RuntimeError: there is no row for it."""
        del reuse
        raise RuntimeError(f"Job {job.id} was handed to a model that can't generate.")

    def computed(self, job_id: int) -> int:
        """Nothing of any job."""
        del job_id
        return 0

    def checkpoints(self, job_id: int) -> tuple[int, ...]:
        """None."""
        del job_id
        return ()

    def limit_checkpoints(self, job_id: int, most: int) -> None:
        """There are none."""

    def step(self) -> Sequence[Event]:
        """No jobs, no events."""
        return ()

    def cancel(self, job_id: int) -> None:
        """Every id is unknown."""

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        """There is nothing to hold."""
        del job_id, base
        return None

    def weigh(self, job_id: int, base: Reuse | None = None) -> int:
        """Nothing."""
        del job_id, base
        return 0

    def held_bytes(self) -> int:
        """None."""
        return 0

    def release(self, prefix: Prefix) -> None:
        """It holds none."""

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """It holds none."""
        del most
        return prefix

    def save(self, prefix: Prefix) -> SavedState:
        """Raises RuntimeError: it holds none."""
        raise RuntimeError(f"Prefix {prefix.id} was to be saved by a model that can't generate.")

    def restore(self, state: SavedState) -> Prefix | None:
        """It holds none."""
        del state
        return None

    def close(self) -> None:
        """Free everything, the model last."""
        self._embedder.close()
        ll.llama_model_free(self._model)
