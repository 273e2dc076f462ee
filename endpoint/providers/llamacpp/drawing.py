"""Draws tokens from a computed batch, with each row's own sampler. Engine thread only.

Of a draft, tokens are kept as long as the sampler draws the same; the first that differs is the row's next token, and
the state of what was drafted behind it is cut off. So each token is drawn from the same logits, and moves the sampler's
random state and penalties as often, as without drafts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from endpoint.providers.base import Event, Failed, Job, Sampled
from endpoint.providers.constrained import draw_constrained
from endpoint.providers.constraint import Constraint
from endpoint.providers.llamacpp.constrained import sample_allowed
from endpoint.providers.llamacpp.context import LlamaContext
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.logprobs import LogprobReader, take_scores
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.llamacpp.sampler import RowSampler

Compare = Callable[[Slice, Sequence[int]], None]
"""Told what was drawn after a slice."""


class TokenDrawer:
    """Owns the samplers. `is_end` tells tokens that nothing can follow."""

    def __init__(self, context: LlamaContext, ledger: CellLedger, n_vocab: int, is_end: Callable[[int], bool]) -> None:
        self._context = context
        self._ledger = ledger
        self._n_vocab = n_vocab
        self._is_end = is_end
        self._logprobs = LogprobReader(context.pointer, n_vocab)
        self._samplers: dict[int, RowSampler] = {}

    def __len__(self) -> int:
        return len(self._samplers)

    def add(self, job: Job) -> None:
        """Make a job's sampler."""
        self._samplers[job.id] = RowSampler(job.sampling, job.tokens, self._n_vocab, self._context.cells)

    def remove(self, job_id: int) -> None:
        """Free it."""
        self._samplers.pop(job_id).close()

    def draw(self, slices: Sequence[Slice], compare: Compare) -> list[Event]:
        """The next tokens of every row that the batch completes, in order; takes the batch into the rows. A row whose
        constraint raises has failed: it must be cancelled."""
        events: list[Event] = []
        end = 0  # the batch position behind a slice
        for part in slices:
            end += part.count
            if part.row.job.scores_prompt:
                self._logprobs.score(part, end - part.count)
            if part.row.job.constraint is not None:
                events += self._draw_limited(part, part.row.job.constraint, end - 1 - len(part.draft), compare)
                continue
            drawn = self._draw_row(part, end - 1 - len(part.draft)) if part.completes else []
            kept = part.count - len(part.draft) + max(0, len(drawn) - 1)
            self._advance(part, kept)
            tokens = [each.token for each in drawn]
            part.row.tokens += tokens
            if drawn:
                compare(part, tokens)
            events += drawn
        return events

    def _draw_row(self, part: Slice, output: int) -> list[Sampled]:
        """Tokens from batch position `output` on, until one differs from the draft or ends the answer."""
        sampler = self._samplers[part.row.job.id]
        drawn: list[Sampled] = []
        for place in range(len(part.draft) + 1):
            token = sampler.sample(self._context.pointer, output + place)
            drawn.append(self._tell(part.row, token, output + place))
            if part.draft[place : place + 1] != (token,) or self._is_end(token):
                break
        return drawn

    def _draw_limited(self, part: Slice, constraint: Constraint, output: int, compare: Compare) -> list[Event]:
        """A constrained row's next tokens."""
        row, job = part.row, part.row.job
        computed = part.count - len(part.draft)
        if not part.completes:
            self._advance(part, computed)
            return []
        sampler = self._samplers[job.id]
        try:
            drawn = draw_constrained(
                constraint,
                lambda place: sample_allowed(constraint, sampler, self._context.pointer, output + place),
                part.draft,
                len(job.tokens) + job.max_tokens - len(row.tokens),
                one_by_one=job.logprobs is not None,
                is_end=self._is_end,
            )
        except Exception as error:  # whatever a constraint's owner did wrong is that job's matter alone
            self._advance(part, computed)
            return [Failed(job.id, f"The generation was given up: what limits its tokens failed: {error}")]
        self._advance(part, computed + max(0, len(drawn.sampled) - 1))
        row.tokens += drawn.sampled + drawn.forced
        if drawn.sampled:
            compare(part, drawn.sampled)
        told = [self._tell(row, token, output + place) for place, token in enumerate(drawn.sampled)]
        return [*told, *(Sampled(job.id, token) for token in drawn.forced)]

    def _tell(self, row: Row, token: int, output: int) -> Sampled:
        """A token drawn from batch position `output`, with what its job asks for."""
        job = row.job
        logprobs = None if job.logprobs is None else self._logprobs.read(output, token, job.logprobs)
        return Sampled(job.id, token, logprobs, take_scores(row) if row.scores else ())

    def _advance(self, part: Slice, kept: int) -> None:
        """Count a slice's first `kept` cells as the row's and free the others."""
        row = part.row
        row.n_past += kept
        self._ledger.extend(row.seq_id, kept)
        if kept < part.count:
            self._context.trim(row.seq_id, row.n_past)
