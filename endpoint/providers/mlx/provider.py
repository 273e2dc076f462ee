"""The MLX provider: a step loop of our own over mlx-lm's models and cache objects. Engine thread only.

Rows are prefilled one by one in chunks, each on plain caches, and decode together (`decoder.py`); why not over mlx_lm's
BatchGenerator: docs/adr/0013-mlx-step-loop.md. When rows outgrow the memory budget, the youngest gives up its state and
computes it again later; its sampler lives on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from endpoint.providers.base import (
    Capacity,
    Caps,
    Event,
    Failed,
    Job,
    ModelInfo,
    Prefix,
    ProviderStats,
    Reuse,
    RunningJob,
)
from endpoint.providers.counts import JobCounts
from endpoint.providers.mlx.checkpoints import Checkpoints, Copies, rewind
from endpoint.providers.mlx.decoder import Decoder
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.embedding import MlxEmbedder
from endpoint.providers.mlx.holding import HeldPrefixes
from endpoint.providers.mlx.keeping import RowKeeper
from endpoint.providers.mlx.layout import Layout
from endpoint.providers.mlx.prefill import Prefiller, give_up
from endpoint.providers.mlx.room import Usage, has_to_give_way, may_return, measure
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.saving import pack, unpack
from endpoint.providers.mlx.shutdown import leave_thread
from endpoint.providers.mlx.speculation import SoloSpeculator
from endpoint.providers.mlx.state import State, is_plain, make_state
from endpoint.providers.mlx.tokenizer import HfTokenizer
from endpoint.providers.saved_state import SavedState, is_sound
from endpoint.providers.tally import ByteTally
from endpoint.providers.trust import Trust


class MlxProvider:
    """Owns the model, the rows and what is held of them. `cells`: tokens of all rows together, as the budget allows."""

    def __init__(
        self,
        model: Any,
        tokenizer: HfTokenizer,
        embedder: MlxEmbedder,
        info: ModelInfo,
        caps: Caps,
        layout: Layout,
        fingerprint: str,
        cells: int,
        threads: int,
        trust: Trust,
        *,
        ahead: bool,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._info = info
        self._caps = caps
        self._layout = layout
        self._fingerprint = fingerprint
        self._cells = cells
        self._threads = threads
        self._rows: dict[int, Row] = {}
        self._drawer = TokenDrawer(info.n_vocab, tokenizer.is_end)
        self._speculator = SoloSpeculator(trust)
        self._decoder = Decoder(model, self._drawer, self._speculator, ahead=ahead)
        self._tally = ByteTally()
        self._held = HeldPrefixes(self._tally, shares=caps.trimmable and is_plain(layout.pattern))
        self._checkpoints = Checkpoints(layout.moving, self._tally)
        self._keeper = RowKeeper(self._held, self._checkpoints, caps, layout)
        self._counts = JobCounts()
        self._prefiller = Prefiller(
            model, self._drawer, self._counts, self._pass_by, shares=caps.trimmable and caps.batch_invariant
        )
        self._parkings = 0

    @property
    def info(self) -> ModelInfo:
        """The loaded model."""
        return self._info

    @property
    def caps(self) -> Caps:
        """As the model's caches allow."""
        return self._caps

    @property
    def tokenizer(self) -> HfTokenizer:
        """The model's vocabulary."""
        return self._tokenizer

    @property
    def embedder(self) -> MlxEmbedder:
        """On caches of its own."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """See `identity.py`."""
        return self._fingerprint

    def lasting_tokenizer(self) -> HfTokenizer:
        """It knows nothing of the weights."""
        return self._tokenizer

    def capacity(self) -> Capacity:
        """Free rows, and the tokens that one more may have beside the others, padded as they will be: none while a
        parked row waits, which came earlier."""
        waits = any(row.parked for row in self._rows.values())
        cells = 0 if waits else self._usage().room_for_another(self._cells)
        return Capacity(self._caps.max_parallel - len(self._rows), cells)

    def stats(self) -> ProviderStats:
        """Cells by arithmetic, memory as MLX counts it."""
        return ProviderStats(
            cells_used=self._usage().cells,
            cells_total=self._cells,
            held_bytes=self._tally.bytes,
            threads=self._threads,
            prefilled_tokens=self._counts.prefilled,
            cached_tokens=self._counts.cached,
            cache_hits=self._counts.hits,
            cache_lookups=self._counts.lookups,
            parked_rows=sum(row.parked for row in self._rows.values()),
            parkings=self._parkings,
            drafted_tokens=self._speculator.drafted,
            accepted_tokens=self._speculator.accepted,
            memory_bytes=mx.get_active_memory(),
        )

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Take a job; state that can't be had after all is computed again."""
        row = Row(job)
        borrowed = self._borrow(reuse) if reuse is not None else None
        copies: Copies = {}
        if reuse is not None and borrowed is not None:
            row.state, copies = borrowed
            row.n_past = reuse.depth
        else:
            row.state = make_state(self._model)
        self._rows[job.id] = row
        if not self._caps.trimmable:
            self._checkpoints.begin(row, copies)
        self._counts.begin(job, row.n_past)
        self._drawer.add(job)
        return row.n_past

    def computed(self, job_id: int) -> int:
        """What its layers remember, of tokens that are known."""
        row = self._rows[job_id]
        return min(row.n_past, len(row.tokens))

    def checkpoints(self, job_id: int) -> tuple[int, ...]:
        """Held, or to come; none where any depth will do."""
        return () if self._caps.trimmable else self._checkpoints.depths(self._rows[job_id])

    def limit_checkpoints(self, job_id: int, most: int) -> None:
        """A row goes on with fewer."""
        self._checkpoints.limit(job_id, most)

    def step(self) -> Sequence[Event]:
        """A chunk of prompt tokens, and one token for every decoding row."""
        if not self._rows:
            return ()
        events = self._make_room()
        brief = len(self._decoder) > 0 or any(row.job.background for row in self._rows.values())
        events += self._prefiller.step(self._rows.values(), brief=brief)
        events += self._decode()  # last, so that whose prompt is read now decodes with the others at once
        for event in events:
            if isinstance(event, Failed):
                self.cancel(event.job_id)
        return events

    def cancel(self, job_id: int) -> None:
        """Drop a job and its state."""
        row = self._rows.pop(job_id, None)
        if row is None:
            return
        if row in self._decoder:
            self._decoder.remove(row)
        self._drawer.remove(job_id)
        self._speculator.forget(job_id)
        self._checkpoints.end(row.job)

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        """End a job and hold its state (`keeping.py`), or what lies behind the base."""
        row = self._rows.get(job_id)
        prefix = self._keeper.keep(row, base, self._state_of) if row is not None else None
        self.cancel(job_id)
        return prefix

    def weigh(self, job_id: int, base: Reuse | None = None) -> int:
        """By the shapes of the model's caches."""
        row = self._rows.get(job_id)
        return self._keeper.weigh(row, base) if row is not None else 0

    def held_bytes(self) -> int:
        """Of all."""
        return self._tally.bytes

    def release(self, prefix: Prefix) -> None:
        """Forget it."""
        self._held.release(prefix)

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget some of its checkpoints."""
        return self._held.thin(prefix, most)

    def save(self, prefix: Prefix) -> SavedState:
        """A copy of its arrays."""
        return pack(self._held.find(prefix), prefix.checkpoints)

    def restore(self, state: SavedState) -> Prefix | None:
        """Its arrays, held again."""
        sound = is_sound(state, self._info.n_vocab, self._info.n_ctx, trimmable=self._caps.trimmable)
        held = unpack(state, self._layout) if sound else None
        return self._held.take(held, can_be_cut=self._caps.trimmable) if held is not None else None

    def close(self) -> None:
        """Drop all that lives on this thread, so that it may end."""
        for job_id in list(self._rows):
            self.cancel(job_id)
        self._held.close()
        self._embedder.close()
        self._decoder = Decoder(None, self._drawer, self._speculator, ahead=False)
        self._prefiller = Prefiller(None, self._drawer, self._counts, self._pass_by, shares=False)
        self._model = None
        leave_thread()

    def _pass_by(self, row: Row, state: State) -> None:
        if not self._caps.trimmable:
            self._checkpoints.pass_by(row, state)

    def _usage(self) -> Usage:
        return measure(self._rows.values(), len(self._decoder), self._decoder.width)

    def _borrow(self, reuse: Reuse) -> tuple[State, Copies] | None:
        """A state to go on from, with the source's checkpoints; None when it can't be had."""
        depth = reuse.depth
        match reuse.source:
            case Prefix() as prefix:
                return self._held.lend(prefix, depth), self._held.find(prefix).copies
            case RunningJob(job_id):
                source = self._rows[job_id]
                copies = {} if self._caps.trimmable else self._checkpoints.held(job_id)
                if depth > source.n_past or not (self._caps.trimmable or depth in copies):
                    return None
                return rewind(self._state_of(source), source.n_past, depth, copies.get(depth)), copies
        return None

    def _state_of(self, row: Row) -> State:
        return self._decoder.copy_state(row) if row.state is None else row.state

    def _make_room(self) -> list[Event]:
        """Let the youngest rows give way when the next token would go beyond the budget, and come back when it fits."""
        events: list[Event] = []
        for parked in may_return(self._rows.values(), self._usage(), self._cells):
            parked.parked, parked.state = False, make_state(self._model)
        while (row := has_to_give_way(self._rows.values(), self._usage(), self._cells)) is not None:
            if row in self._decoder:
                events += self._decoder.settle()
                self._decoder.remove(row)
            row.parked, row.state, row.n_past = True, None, 0
            self._parkings += 1
        return events

    def _decode(self) -> list[Event]:
        events: list[Event] = []
        started = time.perf_counter()
        try:
            for row in [row for row in self._rows.values() if row.is_ready and row not in self._decoder]:
                self._counts.prefill(row.job, row.n_past == len(row.job.tokens) - 1)
                events += self._decoder.join(row)
            events += self._decoder.step()
        except Exception as error:  # the library's own failures have no common type; its batch is lost with them
            return [*events, *(give_up(row, error) for row in self._decoder.clear())]
        if len(self._decoder):
            self._prefiller.note_decode(len(self._decoder), time.perf_counter() - started)
        return events
