"""The llama.cpp provider: one context with a unified KV cache, several rows a step, chunked prefill.

Engine thread only. Our own batch loop over the low-level API: the high-level `Llama` class serves one request at a
time. When cells run out, the youngest row is parked (`parking.py`): its state moves to RAM and comes back later; its
sampler lives on, so its text goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Sequence

import llama_cpp.llama_cpp as ll

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
)
from endpoint.providers.counts import JobCounts
from endpoint.providers.llamacpp.checkpoints import Checkpoints
from endpoint.providers.llamacpp.compaction import Compactor
from endpoint.providers.llamacpp.context import Decoded, LlamaContext, Snapshot
from endpoint.providers.llamacpp.drawing import TokenDrawer
from endpoint.providers.llamacpp.embedding import LlamaEmbedder
from endpoint.providers.llamacpp.holding import HeldPrefixes
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.lending import Lender
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.memory import Window, find_memory
from endpoint.providers.llamacpp.metadata import find_traits
from endpoint.providers.llamacpp.pace import Pace, Stopwatch
from endpoint.providers.llamacpp.parking import Parking
from endpoint.providers.llamacpp.plan import Row, Slice, plan_batch
from endpoint.providers.llamacpp.speculation import Speculator
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.providers.llamacpp.vocabulary import open_vocabulary
from endpoint.providers.saved_state import SavedState, is_sound
from endpoint.providers.tally import ByteTally


class LlamaCppProvider:
    """Owns the model, the context, and the rows in it."""

    def __init__(
        self,
        model: ll.llama_model_p,
        context: LlamaContext,
        tokenizer: LlamaTokenizer,
        info: ModelInfo,
        parallel: int,
        threads: int,
        log: LogCollector,
        speculator: Speculator,
        window: Window,
        fingerprint: str,
        *,
        batch_invariant: bool,
    ) -> None:
        self._model = model
        self._log = log  # the library calls it as long as it is loaded: it must not be collected
        self._context = context
        self._tokenizer = tokenizer
        self._info = info
        self._fingerprint = fingerprint
        self._caps = Caps(parallel, find_memory(model), batch_invariant)
        self._pace = Pace(context.n_batch - parallel, threads)
        self._rows: dict[int, Row] = {}
        self._free_ids = list(range(parallel))
        self._ledger = CellLedger()
        self._tally = ByteTally()
        self._held = HeldPrefixes(context, self._ledger, self._tally, spare=parallel)
        self._checkpoints = Checkpoints(context, window, self._tally)
        self._lender = Lender(context, self._ledger, self._held, self._checkpoints, trimmable=self._caps.trimmable)
        self._parking: Parking[Snapshot] = Parking(context, self._ledger)
        self._compactor: Compactor[Snapshot] = Compactor(context, self._ledger)
        self._drawer = TokenDrawer(context, self._ledger, info.n_vocab, tokenizer.is_end)
        self._speculator = speculator
        traits = find_traits(model, info.n_ctx)
        self._embedder = LlamaEmbedder(model, traits, lambda: context.threads, causal=True)
        self._counts = JobCounts()

    @property
    def info(self) -> ModelInfo:
        """The loaded model."""
        return self._info

    @property
    def caps(self) -> Caps:
        """What this context was made for."""
        return self._caps

    @property
    def tokenizer(self) -> LlamaTokenizer:
        """The model's vocabulary."""
        return self._tokenizer

    @property
    def embedder(self) -> LlamaEmbedder:
        """In a context of its own."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """Of model, library and context (`identity.py`)."""
        return self._fingerprint

    def lasting_tokenizer(self) -> LlamaTokenizer:
        """Of the file's vocabulary, read again."""
        return open_vocabulary(self._info)

    def capacity(self) -> Capacity:
        """Free rows, and the cells that nothing holds and no row is about to fill with its prompt."""
        rows = self._rows.values()
        spoken_for = self._ledger.used + sum(row.pending for row in rows)
        return Capacity(self._caps.max_parallel - len(rows), self._context.cells - spoken_for)

    def stats(self) -> ProviderStats:
        """Cells by the ledger; threads as the context has them now."""
        return ProviderStats(
            cells_used=self._ledger.used,
            cells_total=self._context.cells,
            held_bytes=self._tally.bytes,
            threads=self._context.threads,
            prefilled_tokens=self._counts.prefilled,
            cached_tokens=self._counts.cached,
            cache_hits=self._counts.hits,
            cache_lookups=self._counts.lookups,
            parked_rows=sum(row.parked for row in self._rows.values()),
            parked_bytes=self._parking.ram_bytes(),
            parkings=self._parking.times,
            drafted_tokens=self._speculator.drafted,
            accepted_tokens=self._speculator.accepted,
        )

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Take a job into a free row; state that can't be had after all is computed again."""
        if not self._rows:
            self._context.start_afresh()
        row = Row(job, self._free_ids.pop(), last_alone=not self._caps.holds_answers)
        copies = self._lender.borrow(row, reuse, self._rows) if reuse is not None else None
        if reuse is not None and copies is not None:
            row.n_past = reuse.depth
        self._rows[job.id] = row
        if not self._caps.trimmable:
            self._checkpoints.begin(row, copies or {})
        self._counts.begin(job, row.n_past)
        self._drawer.add(job)
        return row.n_past

    def computed(self, job_id: int) -> int:
        """The row's cells; none while it is parked."""
        return self._rows[job_id].n_past

    def checkpoints(self, job_id: int) -> tuple[int, ...]:
        """Held, or to come; none where any depth will do."""
        return () if self._caps.trimmable else self._checkpoints.depths(self._rows[job_id])

    def limit_checkpoints(self, job_id: int, most: int) -> None:
        """A row goes on with fewer."""
        self._checkpoints.limit(job_id, most)

    def step(self) -> Sequence[Event]:
        """Decode one batch and draw a token for every row that it completes."""
        if not self._rows:
            return ()
        slices = self._speculator.extend(self._plan(), self._context.cells - self._ledger.used)
        work = self._pace.measure(slices)
        self._context.use_threads(self._pace.threads(work))
        watch = Stopwatch()
        outcome = self._context.decode(slices)
        if outcome is Decoded.OK:
            spent = watch.read()
            self._pace.learn(work, spent)
            self._speculator.learn(slices, spent.wall_s)
            for part in slices:
                self._counts.prefill(part.row.job, part.count if part.is_prefill else 0)
            events = self._drawer.draw(slices, self._speculator.compare)
            self._checkpoints.pass_by(slices)
            for event in events:
                if isinstance(event, Failed):
                    self.cancel(event.job_id)
            return events
        if outcome is Decoded.NO_CELLS and self._parking.make_room(list(self._rows.values())):
            return ()
        return self._fail(slices, outcome)

    def cancel(self, job_id: int) -> None:
        """Drop a job and free its row and cells."""
        row = self._end(job_id)
        if row is not None:
            self._free_cells(row)
            self._free_ids.append(row.seq_id)

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        """End a job and hold a copy of its state: all of it, or, where that makes a difference, without the tokens that
        were computed by themselves (the answer and the prompt's last); what can't be cut, from its last checkpoint."""
        row = self._rows.get(job_id)
        prefix = self._copy_out(row, base) if row is not None else None
        self.cancel(job_id)
        return prefix

    def weigh(self, job_id: int, base: Reuse | None = None) -> int:
        """By the library's own count. Nothing while it is parked."""
        row = self._rows.get(job_id)
        if row is None or not row.n_past:
            return 0
        if not self._caps.trimmable:
            return self._checkpoints.weigh(row)
        return self._held.weigh(row.seq_id, self._count_holdable(row), base)

    def held_bytes(self) -> int:
        """Bytes of all copies."""
        return self._tally.bytes

    def release(self, prefix: Prefix) -> None:
        """Forget it."""
        self._held.release(prefix)

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget some of its checkpoints."""
        return self._held.thin(prefix, most)

    def save(self, prefix: Prefix) -> SavedState:
        """Its copies."""
        return self._held.save(prefix)

    def restore(self, state: SavedState) -> Prefix | None:
        """Its copies, held again."""
        sound = is_sound(state, self._info.n_vocab, self._context.cells, trimmable=self._caps.trimmable)
        return self._held.restore(state) if sound else None

    def close(self) -> None:
        """Free everything, the model last."""
        for job_id in list(self._rows):
            self.cancel(job_id)
        self._held.close()
        self._embedder.close()
        self._context.close()
        ll.llama_model_free(self._model)

    def _copy_out(self, row: Row, base: Reuse | None) -> Prefix | None:
        if not self._caps.trimmable:
            rewound = self._checkpoints.rewind(row)
            if rewound is None:
                return None
            return self._held.copy_out(row.seq_id, tuple(row.tokens[: rewound.depth]), rewound.earlier)
        count = self._count_holdable(row)
        if count < 1:
            return None
        if count < row.n_past:
            self._context.trim(row.seq_id, count)
            self._ledger.trim(row.seq_id, count)
        return self._held.copy_behind(row.seq_id, tuple(row.tokens[:count]), base)

    def _count_holdable(self, row: Row) -> int:
        return row.n_past if self._caps.holds_answers else min(row.n_past, len(row.job.tokens) - 1)

    def _end(self, job_id: int) -> Row | None:
        row = self._rows.pop(job_id, None)
        if row is not None:
            self._parking.forget(job_id)
            self._drawer.remove(job_id)
            self._speculator.forget(job_id)
            self._checkpoints.end(row.job)
        return row

    def _free_cells(self, row: Row) -> None:
        self._context.remove(row.seq_id)
        self._ledger.drop(row.seq_id)
        row.n_past = 0

    def _plan(self) -> tuple[Slice, ...]:
        """The next batch, after making room for at least one token of every decoding row."""
        rows = list(self._rows.values())
        if self._caps.trimmable:
            self._compactor.compact(rows)
        self._parking.let_return(rows)
        while True:
            decoding = sum(row.is_decoding and not row.parked for row in rows)
            free = self._context.cells - self._ledger.used
            brief = decoding > 0 or any(row.job.background for row in rows)
            slices = plan_batch(rows, self._pace.chunk(brief=brief), free)
            if free >= max(1, decoding) or not self._parking.make_room(rows):
                return slices

    def _fail(self, slices: Sequence[Slice], outcome: Decoded) -> list[Event]:
        """Give up the rows of a batch that can't be computed; the others and the context live on."""
        reason = "no KV cells are left" if outcome is Decoded.NO_CELLS else self._log.last_error() or "unknown"
        failed = [part.row.job.id for part in slices]
        for job_id in failed:
            self.cancel(job_id)
        return [Failed(job_id, f"The generation was given up: {reason}.") for job_id in failed]
