"""A provider with no model: deterministic, fast, for tests of everything above the seam.

Its tokens are bytes (0..255) and END. It answers with its prompt's bytes and ends with END after one round; each is
said to have the probability 1/2, the next number 1/4 and so on, and one that the request forbids is left out. The
model's name may carry options, "echo,step_ms=5,load_ms=200": a pause in each step and while loading; with "hybrid=1"
its state can't be cut, and is held at checkpoints; with "encoder=1" it only embeds. It can be chosen like any other
(`--provider fake`), so that the whole system can be tested in milliseconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence

from endpoint.errors import LoadError
from endpoint.providers.base import (
    Capacity,
    Caps,
    Event,
    Failed,
    Job,
    MemoryKind,
    ModelInfo,
    Prefix,
    ProviderStats,
    Reuse,
    RunningJob,
    Sampled,
)
from endpoint.providers.constraint import find_lowest
from endpoint.providers.counts import JobCounts
from endpoint.providers.fake_embedding import FakeEmbedder
from endpoint.providers.fake_logprobs import tell
from endpoint.providers.fake_prefixes import CHECKPOINT_BYTES, FakePrefixes
from endpoint.providers.fake_rows import Row
from endpoint.providers.fingerprint import make_fingerprint
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.saved_state import SavedState, is_sound
from endpoint.providers.stops import choose_stops, thin_out

END = 256
DEFAULT_CONTEXT = 4096
CHUNK = 64
"""Prompt tokens that a row prefills in one step."""


class FakeTokenizer:
    """UTF-8 bytes as tokens; "<|end|>" written in a text is the end token, like a special token of a real model."""

    longest_piece = len("<|end|>")

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        """One token a byte. There is no start token, so `add_bos` changes nothing."""
        del add_bos
        parts = text.split("<|end|>")
        tokens = list(parts[0].encode())
        for part in parts[1:]:
            tokens += [END, *part.encode()]
        return tokens

    def encode_whole(self, text: str, *, marks: bool = True) -> list[int]:
        """The same: it has no marks."""
        del marks
        return self.encode(text, add_bos=False)

    def written(self, token: int) -> bytes:
        """The byte, or END as it is written."""
        return b"<|end|>" if token == END else bytes([token])

    def piece(self, token: int) -> bytes:
        """The byte itself; nothing for END."""
        return b"" if token == END else bytes([token])

    def is_end(self, token: int) -> bool:
        """Whether the token is END."""
        return token == END


class FakeProvider:
    """Rows advance together, one token a step, after `len(prompt) / CHUNK` prefill steps."""

    def __init__(
        self,
        info: ModelInfo,
        parallel: int,
        step_s: float,
        memory: MemoryKind = MemoryKind.ATTENTION,
        *,
        generates: bool = True,
    ) -> None:
        self._info = info
        self._caps = Caps(max_parallel=parallel, memory=memory, generates=generates)
        self._tokenizer = FakeTokenizer()
        self._embedder = FakeEmbedder(info.n_ctx, step_s)
        self._step_s = step_s
        self._rows: dict[int, Row] = {}
        self._prefixes = FakePrefixes()
        self._counts = JobCounts()

    @property
    def info(self) -> ModelInfo:
        """A byte-level model."""
        return self._info

    @property
    def caps(self) -> Caps:
        """As loaded."""
        return self._caps

    @property
    def tokenizer(self) -> FakeTokenizer:
        """Bytes as tokens."""
        return self._tokenizer

    @property
    def embedder(self) -> FakeEmbedder:
        """Sums of bytes as vectors."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """Of what it is called and what it remembers."""
        return make_fingerprint({"provider": "fake", "model": self._info.id, "memory": self._caps.memory})

    def lasting_tokenizer(self) -> FakeTokenizer:
        """It needs nothing."""
        return self._tokenizer

    def capacity(self) -> Capacity:
        """Rows are limited, cells are not: each row has a context of its own."""
        return Capacity(self._caps.max_parallel - len(self._rows), self._info.n_ctx * self._caps.max_parallel)

    def stats(self) -> ProviderStats:
        """As if every prompt token and every drawn one held a cell."""
        return ProviderStats(
            cells_used=sum(row.prefilled + row.emitted for row in self._rows.values()),
            cells_total=self._info.n_ctx * self._caps.max_parallel,
            held_bytes=self.held_bytes(),
            threads=1,
            prefilled_tokens=self._counts.prefilled,
            cached_tokens=self._counts.cached,
            cache_hits=self._counts.hits,
            cache_lookups=self._counts.lookups,
        )

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Take a job; what it reuses is prefilled already."""
        depth = 0 if reuse is None else reuse.depth
        stops = () if self._caps.trimmable else choose_stops(job.checkpoints, len(job.tokens), lambda stop: stop)
        held = set() if reuse is None else {stop for stop in self._stops_of(reuse.source) if stop <= depth}
        self._rows[job.id] = Row(job, prefilled=depth, stops=stops, held=held)
        self._counts.begin(job, depth)
        return depth

    def computed(self, job_id: int) -> int:
        """Prompt tokens only: what it emits isn't in its context."""
        row = self._rows[job_id]
        return min(row.prefilled, len(row.job.tokens))

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        """Hold the prefilled part of the prompt."""
        row = self._rows.pop(job_id, None)
        count = row.holdable(trimmable=self._caps.trimmable) if row is not None else 0
        return self._prefixes.hold(row.job.tokens[:count], row.checkpoints, base) if row is not None and count else None

    def weigh(self, job_id: int, base: Reuse | None = None) -> int:
        """A byte a token."""
        row = self._rows.get(job_id)
        count = row.holdable(trimmable=self._caps.trimmable) if row is not None else 0
        return self._prefixes.weigh(count, row.checkpoints, base) if row is not None else 0

    def checkpoints(self, job_id: int) -> tuple[int, ...]:
        """Held, or to come."""
        row = self._rows[job_id]
        return tuple(sorted({*row.held, *(stop for stop in row.stops if stop > row.prefilled and row.most)}))

    def limit_checkpoints(self, job_id: int, most: int) -> None:
        """A row goes on with fewer."""
        row = self._rows.get(job_id)
        if row is not None:
            row.most, row.held = most, set(thin_out(row.held, most))

    def held_bytes(self) -> int:
        """A byte a token, more a checkpoint."""
        return self._prefixes.bytes + CHECKPOINT_BYTES * sum(len(row.held) for row in self._rows.values())

    def release(self, prefix: Prefix) -> None:
        """Forget it."""
        self._prefixes.release(prefix)

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget some of its checkpoints."""
        return self._prefixes.thin(prefix, most)

    def save(self, prefix: Prefix) -> SavedState:
        """As bytes."""
        return self._prefixes.save(prefix)

    def restore(self, state: SavedState) -> Prefix | None:
        """From bytes."""
        sound = is_sound(state, self._info.n_vocab, self._info.n_ctx, trimmable=self._caps.trimmable)
        return self._prefixes.restore(state) if sound else None

    def step(self) -> Sequence[Event]:
        """Prefill a chunk or emit a token, for each row."""
        if self._step_s and self._rows:
            time.sleep(self._step_s)  # stands for the compute time of a real model
        events = [event for row in self._rows.values() for event in self._advance(row)]
        for event in events:
            if isinstance(event, Failed):
                self.cancel(event.job_id)
        return events

    def cancel(self, job_id: int) -> None:
        """Drop a row."""
        self._rows.pop(job_id, None)

    def close(self) -> None:
        """Drop everything."""
        self._rows.clear()

    def _advance(self, row: Row) -> Sequence[Event]:
        missing = row.goal - row.prefilled
        if missing:
            row.prefilled += min(CHUNK, missing)
            self._counts.prefill(row.job, min(CHUNK, missing))
            self._hold(row)
            return ()
        try:
            tokens = self._next_tokens(row)
        except Exception as error:  # whatever a constraint's owner did wrong is that job's matter alone
            return (Failed(row.job.id, f"The generation was given up: what limits its tokens failed: {error}"),)
        return [self._emit(row, token) for token in tokens]

    def _emit(self, row: Row, token: int) -> Sampled:
        row.emitted += 1
        row.drawn += 1
        return tell(row.job, token, is_first=row.drawn == 1)

    def _next_tokens(self, row: Row) -> Sequence[int]:
        """The prompt's next token; where that isn't allowed, the lowest that is; or what is forced in its place."""
        banned = {token for token, bias in row.job.sampling.logit_bias if bias == -math.inf}
        while (token := _say_next(row)) in banned and token != END:
            row.emitted += 1
        if (limit := row.job.constraint) is None:
            return (token,)
        tokens = tuple(limit.forced())[: row.job.max_tokens - row.drawn]
        tokens = tokens or (token if limit.allows(token) else find_lowest(limit.mask()),)
        for each in tokens:
            limit.accept(each)
        return tokens

    def _hold(self, row: Row) -> None:
        if row.prefilled in row.stops:
            row.held = set(thin_out({*row.held, row.prefilled}, row.most))

    def _stops_of(self, source: Prefix | RunningJob) -> Iterable[int]:
        return source.checkpoints if isinstance(source, Prefix) else self._rows[source.job_id].held


def _say_next(row: Row) -> int:
    return row.job.tokens[row.emitted] if row.emitted < len(row.job.tokens) else END


def load(model: str, options: LoadOptions, progress: Progress) -> FakeProvider:
    """Load "NAME[,key=number…]": keys step_ms, load_ms, hybrid, encoder, fail (1: loading fails). Raises LoadError."""
    name, _, rest = model.partition(",")
    numbers = _parse_numbers(rest)
    for share in (0.0, 0.5, 1.0):
        progress(share)
        time.sleep(numbers.get("load_ms", 0.0) / 2000)
    if numbers.get("fail"):
        raise LoadError(f"The fake model {name!r} was told to fail.")
    n_ctx = options.n_ctx or DEFAULT_CONTEXT
    info = ModelInfo(
        id=name or "echo",
        path=None,
        n_ctx=n_ctx,
        n_ctx_train=DEFAULT_CONTEXT,
        n_vocab=257,
        chat_template=options.chat_template or "{% for m in messages %}{{ m.content }}{% endfor %}",
        bos_text="",
        eos_text="<|end|>",
        description="echoes its prompt",
    )
    memory = MemoryKind.HYBRID if numbers.get("hybrid") else MemoryKind.ATTENTION
    step_s = numbers.get("step_ms", 0.0) / 1000
    return FakeProvider(info, options.parallel, step_s, memory, generates=not numbers.get("encoder"))


def _parse_numbers(text: str) -> dict[str, float]:
    pairs = [item.partition("=") for item in text.split(",") if item]
    try:
        return {key: float(value) for key, _, value in pairs}
    except ValueError as error:
        raise LoadError(f"The fake model's options must be key=number pairs, got {text!r}.") from error
