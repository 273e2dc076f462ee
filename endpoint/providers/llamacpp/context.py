"""llama.cpp's context behind a few verbs. Engine thread only.

The only place that fills a llama_batch for generation.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from enum import Enum, auto

import llama_cpp.llama_cpp as ll

from endpoint.providers.llamacpp.plan import Slice

Snapshot = ctypes.Array[ctypes.c_uint8]
"""A sequence's state as bytes; only the context (or one just like it) that made it can read it."""


class Decoded(Enum):
    """How a decode ended."""

    OK = auto()
    NO_CELLS = auto()  # nothing was computed; the memory is as before
    FAILED = auto()


class LlamaContext:
    """Owns one llama_context and one llama_batch of `n_batch` tokens.

    `cells`: KV cells in all, shared by all sequences. `threads`: what a decode uses now. Both are kept here because
    every step asks for them.
    """

    def __init__(self, pointer: ll.llama_context_p, n_batch: int) -> None:
        self.pointer = pointer
        self.n_batch = n_batch
        self.cells = int(ll.llama_n_ctx(pointer))
        self.threads = int(ll.llama_n_threads(pointer))
        self._memory = ll.llama_get_memory(pointer)
        self._batch = ll.llama_batch_init(n_batch, 0, 1)
        for index in range(n_batch):
            self._batch.n_seq_id[index] = 1

    def decode(self, slices: Sequence[Slice]) -> Decoded:
        """Compute the slices' tokens in one call, at most `n_batch` of them."""
        self._fill(slices)
        code = ll.llama_decode(self.pointer, self._batch)
        if code == 0:
            return Decoded.OK
        return Decoded.NO_CELLS if code == 1 else Decoded.FAILED

    def use_threads(self, count: int) -> None:
        """Compute with that many threads from the next decode on."""
        if count != self.threads:
            ll.llama_set_n_threads(self.pointer, count, count)
            self.threads = count

    def remove(self, seq_id: int) -> None:
        """Free a sequence's cells, those that no other shares."""
        ll.llama_memory_seq_rm(self._memory, seq_id, -1, -1)

    def start_afresh(self) -> None:
        """With no sequence left: look for free cells from the lowest on again, as in a new context."""
        ll.llama_memory_clear(self._memory, False)

    def share(self, source: int, target: int, count: int) -> None:
        """Let an empty sequence see the first `count` cells of another: no copy where attention is plain."""
        ll.llama_memory_seq_cp(self._memory, source, target, -1, count)

    def trim(self, seq_id: int, count: int) -> bool:
        """Keep the first `count` cells of a sequence; False when this memory can't be cut."""
        return bool(ll.llama_memory_seq_rm(self._memory, seq_id, count, -1))

    def snapshot(self, seq_id: int, *, part: bool = False) -> Snapshot | None:
        """A copy of a sequence's state, or of the `part` that can't be cut (windows, running states); None when the
        library makes none."""
        flags = ll.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY if part else ll.LLAMA_STATE_SEQ_FLAGS_NONE
        size = self.weigh(seq_id, part=part)
        buffer = (ctypes.c_uint8 * size)()
        written = ll.llama_state_seq_get_data_ext(self.pointer, buffer, size, seq_id, flags)
        return buffer if size and written == size else None

    def snapshot_behind(self, seq_id: int, depth: int, spare: int) -> Snapshot | None:
        """As `snapshot`, of the cells behind the first `depth` alone; `spare`: a sequence without any."""
        ll.llama_memory_seq_cp(self._memory, seq_id, spare, depth, -1)
        snapshot = self.snapshot(spare)
        self.remove(spare)
        return snapshot

    def weigh(self, seq_id: int, *, part: bool = False) -> int:
        """Bytes that `snapshot` would take."""
        flags = ll.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY if part else ll.LLAMA_STATE_SEQ_FLAGS_NONE
        return int(ll.llama_state_seq_get_size_ext(self.pointer, seq_id, flags))

    def weigh_range(self, seq_id: int, start: int, end: int, spare: int) -> int:
        """Bytes that `snapshot_behind` would take of a sequence with just the first `end` cells."""
        ll.llama_memory_seq_cp(self._memory, seq_id, spare, start, end)
        size = self.weigh(spare)
        self.remove(spare)
        return size

    def append(self, seq_id: int, snapshot: Snapshot, spare: int, span: tuple[int, int]) -> bool:
        """Put a copy of what lies behind a sequence's cells after them; False when there are not enough cells, or it
        isn't one of the tokens from the start to the end of the `span`."""
        if not self.restore(spare, snapshot):
            return False
        first = int(ll.llama_memory_seq_pos_min(self._memory, spare))
        is_right = (first, self.count(spare)) == span
        if is_right:
            ll.llama_memory_seq_cp(self._memory, spare, seq_id, -1, -1)
        self.remove(spare)
        return is_right

    def restore(self, seq_id: int, snapshot: Snapshot) -> bool:
        """Put a copy into an empty sequence; False, and the sequence stays empty, when there are not enough cells, or
        it isn't one of this context's."""
        taken = ll.llama_state_seq_set_data(self.pointer, snapshot, len(snapshot), seq_id)
        if taken != len(snapshot):
            self.remove(seq_id)
        return bool(taken == len(snapshot))

    def count(self, seq_id: int) -> int:
        """How many tokens a sequence has, by the place of its last one."""
        return int(ll.llama_memory_seq_pos_max(self._memory, seq_id)) + 1

    def put_back(self, seq_id: int, part: Snapshot, depth: int) -> bool:
        """Set a sequence that has computed `depth` tokens or more back to them, with the part copied there. False,
        and the sequence is empty, when that fails."""
        flags = ll.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        taken = ll.llama_state_seq_set_data_ext(self.pointer, part, len(part), seq_id, flags)
        if not taken or not self.trim(seq_id, depth):
            self.remove(seq_id)
            return False
        return True

    def close(self) -> None:
        """Free context and batch."""
        ll.llama_batch_free(self._batch)
        ll.llama_free(self.pointer)

    def _fill(self, slices: Sequence[Slice]) -> None:
        batch = self._batch
        index = 0
        for part in slices:
            row = part.row
            known = row.tokens[row.n_past : row.n_past + part.count]
            for position, token in enumerate((*known, *part.draft), row.n_past):
                batch.token[index] = token
                batch.pos[index] = position
                batch.seq_id[index][0] = row.seq_id
                batch.logits[index] = row.wants_logits(position)
                index += 1
        batch.n_tokens = index
