"""What goes into the next batch: pure arithmetic over rows, no model in sight.

A prompt's last token is computed by itself, like every token after it, and no other one is: matrix products round
differently for one row than for many, and an answer must not depend on how much of its prompt was there already.

Decoding rows always go first, one token each: a running stream never waits for a prefill longer than one chunk. The
chunk is shared evenly by the prefilling rows, so that a short prompt isn't stuck behind a long one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from endpoint.providers.base import Job

RETURN_MARGIN = 64
"""Tokens of room, beyond its own, that a parked row waits for."""


@dataclass(slots=True)
class Row:
    """A sequence in the context. `tokens` is prompt plus answer so far; the first `n_past` of them have KV cells."""

    job: Job
    seq_id: int
    tokens: list[int] = field(init=False)
    n_past: int = 0
    parked: bool = False  # gave up its cells, waits until all its tokens fit again

    def __post_init__(self) -> None:
        self.tokens = list(self.job.tokens)

    @property
    def pending(self) -> int:
        """Tokens still to be computed before the next one can be drawn: 1 while decoding, more in prefill."""
        return len(self.tokens) - self.n_past


@dataclass(frozen=True, slots=True)
class Slice:
    """`count` tokens of a row, from its `n_past` on; the last one's logits are wanted when it completes the row."""

    row: Row
    count: int

    @property
    def completes(self) -> bool:
        """Whether a token can be drawn after this slice."""
        return self.count == self.row.pending

    @property
    def is_prefill(self) -> bool:
        """Whether these are tokens of the prompt; the last one, computed by itself, is one too."""
        return self.row.n_past < len(self.row.job.tokens)


def plan_batch(rows: Iterable[Row], chunk: int, cells: int) -> tuple[Slice, ...]:
    """The next batch: every decoding row, then up to `chunk` prompt tokens; never more tokens than free `cells`."""
    ready = [row for row in rows if row.pending > 0 and not row.parked]
    decoding = [Slice(row, 1) for row in ready if row.pending == 1][:cells]
    prefilling = [row for row in ready if row.pending > 1]
    room = min(chunk, cells - len(decoding))
    return (*decoding, *_share(prefilling, room))


def _share(rows: Sequence[Row], room: int) -> list[Slice]:
    """Split `room` evenly; what a short prompt leaves over goes to the next ones."""
    slices: list[Slice] = []
    for index, row in enumerate(sorted(rows, key=lambda row: row.pending)):
        count = _leave_none_alone(min(row.pending - 1, room // (len(rows) - index)), row.pending - 1)
        if count > 0:
            slices.append(Slice(row, count))
            room -= count
    return slices


def _leave_none_alone(count: int, wanted: int) -> int:
    """A chunk of `count` of `wanted` tokens, one shorter where it would leave a single one for the next chunk."""
    return count - 1 if wanted - count == 1 and count > 2 else count


def can_return(row: Row, rows: Sequence[Row], cells: int) -> bool:
    """Whether a parked row may take cells again, of `cells` in all: when what the others hold or are about to leaves
    room for its tokens and some more (else it would be thrown out again soon), or when it is alone."""
    others = [other for other in rows if other is not row and not other.parked]
    return not others or cells - sum(len(other.tokens) for other in others) >= len(row.tokens) + RETURN_MARGIN


def choose_victim(rows: Sequence[Row]) -> Row | None:
    """The row that gives up its cells when there are not enough: the youngest, and never the last one left."""
    holding = [row for row in rows if row.n_past > 0]
    return max(holding, key=lambda row: row.job.id) if len(holding) > 1 else None
