"""Draws tokens from a computed batch, with each row's own sampler. Engine thread only.

Of a draft, tokens are kept as long as the sampler draws the same; the first that differs is the row's next token, and
the state of what was drafted behind it is cut off. So each token is drawn from the same logits, and moves the sampler's
random state and penalties as often, as without drafts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from endpoint.providers.base import Job, Sampled
from endpoint.providers.llamacpp.context import LlamaContext
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.logprobs import LogprobReader, take_scores
from endpoint.providers.llamacpp.plan import Slice
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

    def draw(self, slices: Sequence[Slice], compare: Compare) -> list[Sampled]:
        """The next tokens of every row that the batch completes, in order; takes the batch into the rows."""
        events: list[Sampled] = []
        end = 0  # the batch position behind a slice
        for part in slices:
            end += part.count
            if part.row.job.scores_prompt:
                self._logprobs.score(part, end - part.count)
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
        job, drawn = part.row.job, []
        for place in range(len(part.draft) + 1):
            token = sampler.sample(self._context.pointer, output + place)
            logprobs = None if job.logprobs is None else self._logprobs.read(output + place, token, job.logprobs)
            drawn.append(Sampled(job.id, token, logprobs, take_scores(part.row) if part.row.scores else ()))
            if part.draft[place : place + 1] != (token,) or self._is_end(token):
                break
        return drawn

    def _advance(self, part: Slice, kept: int) -> None:
        """Count a slice's first `kept` cells as the row's and free the others."""
        row = part.row
        row.n_past += kept
        self._ledger.extend(row.seq_id, kept)
        if kept < part.count:
            self._context.trim(row.seq_id, row.n_past)
