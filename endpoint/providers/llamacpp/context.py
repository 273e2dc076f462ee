"""llama.cpp's context behind five verbs. The only place that fills a llama_batch. Engine thread only."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

import llama_cpp.llama_cpp as ll

from endpoint.providers.llamacpp.plan import Slice


class Decoded(Enum):
    """How a decode ended."""

    OK = auto()
    NO_CELLS = auto()  # nothing was computed; the memory is as before
    FAILED = auto()


class LlamaContext:
    """Owns one llama_context and one llama_batch of `n_batch` tokens."""

    def __init__(self, pointer: ll.llama_context_p, n_batch: int) -> None:
        self.pointer = pointer
        self.n_batch = n_batch
        self._memory = ll.llama_get_memory(pointer)
        self._batch = ll.llama_batch_init(n_batch, 0, 1)
        for index in range(n_batch):
            self._batch.n_seq_id[index] = 1

    @property
    def cells(self) -> int:
        """KV cells in all, shared by all sequences."""
        return int(ll.llama_n_ctx(self.pointer))

    @property
    def threads(self) -> int:
        """Threads that a decode uses now."""
        return int(ll.llama_n_threads(self.pointer))

    def decode(self, slices: Sequence[Slice]) -> Decoded:
        """Compute the slices' tokens in one call, at most `n_batch` of them."""
        self._fill(slices)
        code = ll.llama_decode(self.pointer, self._batch)
        if code == 0:
            return Decoded.OK
        return Decoded.NO_CELLS if code == 1 else Decoded.FAILED

    def remove(self, seq_id: int) -> None:
        """Free a sequence's cells."""
        ll.llama_memory_seq_rm(self._memory, seq_id, -1, -1)

    def close(self) -> None:
        """Free context and batch."""
        ll.llama_batch_free(self._batch)
        ll.llama_free(self.pointer)

    def _fill(self, slices: Sequence[Slice]) -> None:
        batch = self._batch
        index = 0
        for part in slices:
            row = part.row
            for position in range(row.n_past, row.n_past + part.count):
                batch.token[index] = row.tokens[position]
                batch.pos[index] = position
                batch.seq_id[index][0] = row.seq_id
                batch.logits[index] = 0
                index += 1
            batch.logits[index - 1] = part.completes
        batch.n_tokens = index
