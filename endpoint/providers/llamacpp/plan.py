"""What goes into the next batch: pure arithmetic over rows, no model in sight.

Where the library rounds differently for one token than for many, a prompt's last token is computed by itself, like
every token after it, and no other one is: an answer must not depend on how much of its prompt was there already.

Decoding rows always go first, one token each: a running stream never waits for a prefill longer than one chunk. How
the prefilling rows share that chunk is `fairness.py`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from endpoint.providers.base import Job
from endpoint.providers.constrained import MOST_TOGETHER
from endpoint.providers.fairness import share_chunk
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.providers.stops import next_stop

SCORED_AT_ONCE = 15
"""Prompt tokens of which a step can tell the log-probabilities: each takes a row of logits, as a drafted one does."""


@dataclass(slots=True)
class Row:
    """A sequence in the context. `tokens` is prompt plus answer so far; the first `n_past` of them have KV cells."""

    job: Job
    seq_id: int
    tokens: list[int] = field(init=False)
    n_past: int = 0
    parked: bool = False  # gave up its cells, waits until all its tokens fit again
    stops: tuple[int, ...] = ()  # ascending depths that a chunk may not run across
    last_alone: bool = True  # whether the prompt's last token is computed by itself
    scores: list[TokenLogprobs] = field(default_factory=list)  # of the prompt's tokens so far, where the job asks

    def __post_init__(self) -> None:
        self.tokens = list(self.job.tokens)

    @property
    def pending(self) -> int:
        """Tokens still to be computed before the next one can be drawn: 1 while decoding, more in prefill."""
        return len(self.tokens) - self.n_past

    @property
    def is_decoding(self) -> bool:
        """One token to compute, or, of an answer, a few: then the next can be drawn."""
        return self.pending == 1 or (1 < self.pending <= MOST_TOGETHER and self.n_past >= len(self.job.tokens))

    @property
    def stretch(self) -> int:
        """Tokens that a prefill may compute in one go: to the next stop, or to the end."""
        length = next_stop(self.stops, self.n_past, len(self.tokens) - self.last_alone) - self.n_past
        return min(length, SCORED_AT_ONCE) if self.job.scores_prompt else length

    def wants_logits(self, position: int) -> bool:
        """Whether a token is drawn after this one, or its follower in the prompt is scored."""
        return position >= len(self.tokens) - 1 or (self.job.scores_prompt and position < len(self.job.tokens) - 1)


@dataclass(frozen=True, slots=True)
class Slice:
    """`count` tokens of a row, from its `n_past` on, the `draft` among them: guesses at what follows the row's tokens.
    Logits are wanted for the row's last token, for each of the draft, and for a prompt's that is scored."""

    row: Row
    count: int
    draft: tuple[int, ...] = ()

    @property
    def completes(self) -> bool:
        """Whether a token can be drawn after this slice."""
        return self.count - len(self.draft) == self.row.pending

    @property
    def certain(self) -> int:
        """Tokens of an answer beyond the one that a decoding row computes in any step."""
        return self.count - len(self.draft) - 1 if self.row.is_decoding else 0

    @property
    def is_prefill(self) -> bool:
        """Whether these are tokens of the prompt; the last one, computed by itself, is one too."""
        return self.row.n_past < len(self.row.job.tokens)


def plan_batch(rows: Iterable[Row], chunk: int, cells: int) -> tuple[Slice, ...]:
    """The next batch: every decoding row, then up to `chunk` prompt tokens; never more tokens than free `cells`."""
    ready = [row for row in rows if row.pending > 0 and not row.parked]
    decoding = _decode([row for row in ready if row.is_decoding][:cells], chunk, cells)
    prefilling = _one_scored([row for row in ready if not row.is_decoding])
    used = sum(part.count for part in decoding)
    room = min(chunk + len(decoding), cells) - used
    batch = (*decoding, *_share(prefilling, room))
    if not batch and prefilling and room > 0:
        return (Slice(min(prefilling, key=_age), 1),)  # there is room for one token only: better alone than never
    return batch


def _one_scored(rows: Sequence[Row]) -> list[Row]:
    """Without all scored rows but the oldest: a step has rows of logits for one."""
    chosen = min((row for row in rows if row.job.scores_prompt), key=_age, default=None)
    return [row for row in rows if not row.job.scores_prompt or row is chosen]


def _decode(rows: Sequence[Row], chunk: int, cells: int) -> list[Slice]:
    """A token of each row; where it has more to compute, those are taken from the prompts' share."""
    slices = []
    more = min(chunk, cells - len(rows))
    for row in rows:
        count = min(row.pending, 1 + more)
        more -= count - 1
        slices.append(Slice(row, count))
    return slices


def _share(rows: Sequence[Row], room: int) -> list[Slice]:
    """Prompt tokens of each row, none beyond its next stop."""
    oldest_first = sorted(rows, key=_age)
    counts = share_chunk([row.stretch for row in oldest_first], room)
    return [Slice(row, count) for row, count in zip(oldest_first, counts, strict=True) if count]


def _age(row: Row) -> int:
    """Older requests have smaller numbers."""
    return row.job.id
