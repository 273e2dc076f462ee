"""Draws tokens from computed logits, with each row's own sampler. Engine thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from endpoint.providers.base import Failed, Job, Sampled
from endpoint.providers.constrained import draw_constrained
from endpoint.providers.constraint import Constraint
from endpoint.providers.likelihood import find_logprobs
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.providers.mlx.arrays import read_int
from endpoint.providers.mlx.sampler import RowSampler


@dataclass(frozen=True, slots=True)
class Drawn:
    """Tokens `sampled` each from its own logits, then `forced` ones, which are still to be computed."""

    sampled: tuple[Sampled, ...]
    forced: tuple[Sampled, ...] = ()


class TokenDrawer:
    """Owns the samplers. `is_end` tells tokens that nothing can follow."""

    def __init__(self, n_vocab: int, is_end: Callable[[int], bool]) -> None:
        self._n_vocab = n_vocab
        self._is_end = is_end
        self._samplers: dict[int, RowSampler] = {}

    def __len__(self) -> int:
        return len(self._samplers)

    def add(self, job: Job) -> None:
        """Make a job's sampler."""
        self._samplers[job.id] = RowSampler(job.sampling, job.tokens, self._n_vocab)

    def remove(self, job_id: int) -> None:
        """Forget it."""
        del self._samplers[job_id]

    def may_stay_lazy(self, job: Job) -> bool:
        """Whether its next token need not be known before the pass after it is launched."""
        return job.constraint is None and job.logprobs is None and not self._samplers[job.id].remembers

    def draw_lazily(self, jobs: Sequence[Job], logits: mx.array) -> mx.array:
        """One token for each row, shape (rows,), of logits of shape (rows, vocabulary). Nothing is computed yet."""
        samplers = [self._samplers[job.id] for job in jobs]
        if all(sampler.is_plain_greedy for sampler in samplers):
            return mx.argmax(logits, axis=-1)
        return mx.stack([sampler.draw(logits[place]) for place, sampler in enumerate(samplers)])

    def accept(self, job: Job, token: int) -> None:
        """A token that was drawn lazily is known now."""
        self._samplers[job.id].accept(token)

    def draw_now(self, job: Job, logits: mx.array, draft: Sequence[int], left: int) -> Drawn | Failed:
        """A row's next tokens, at most `left`: one, more as long as they are the draft's, and those that must follow.
        `logits` after its last token and after each of the draft, shape (1 + draft, vocabulary)."""
        if job.constraint is not None:
            return self._draw_limited(job, job.constraint, logits, draft, left)
        sampled: list[Sampled] = []
        for place, row in enumerate(logits):
            token = self._take(job, self._samplers[job.id].draw(row))
            sampled.append(self._tell(job, token, row))
            if tuple(draft[place : place + 1]) != (token,) or self._is_end(token):
                break
        return Drawn(tuple(sampled))

    def score(self, logits: mx.array, tokens: Sequence[int], top: int) -> list[TokenLogprobs]:
        """Log-probabilities of a prompt's `tokens`, each in its row of logits, shape (tokens, vocabulary)."""
        rows = np.array(logits[: len(tokens)].astype(mx.float32))
        return [find_logprobs(row, token, top) for row, token in zip(rows, tokens, strict=True)]

    def _draw_limited(
        self, job: Job, constraint: Constraint, logits: mx.array, draft: Sequence[int], left: int
    ) -> Drawn | Failed:
        try:
            drawn = draw_constrained(
                constraint,
                lambda place: self._draw_allowed(job, constraint, logits[place]),
                draft,
                left,
                one_by_one=job.logprobs is not None,
                is_end=self._is_end,
            )
        except Exception as error:  # whatever a constraint's owner did wrong is that job's matter alone
            return Failed(job.id, f"The generation was given up: what limits its tokens failed: {error}")
        told = (self._tell(job, token, logits[place]) for place, token in enumerate(drawn.sampled))
        return Drawn(tuple(told), tuple(Sampled(job.id, token) for token in drawn.forced))

    def _draw_allowed(self, job: Job, constraint: Constraint, logits: mx.array) -> int:
        sampler = self._samplers[job.id]
        token = read_int(sampler.draw(logits))
        if not constraint.allows(token):
            token = read_int(sampler.draw_masked(logits, constraint.mask()))
        sampler.accept(token)
        return token

    def _take(self, job: Job, drawn: mx.array) -> int:
        token = read_int(drawn)
        self._samplers[job.id].accept(token)
        return token

    def _tell(self, job: Job, token: int, logits: mx.array) -> Sampled:
        if job.logprobs is None:
            return Sampled(job.id, token)
        row = np.array(logits.astype(mx.float32))
        return Sampled(job.id, token, find_logprobs(row, token, job.logprobs))
