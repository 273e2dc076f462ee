"""A row's sampler, in llama.cpp's order: bias, penalties, top-k, top-p, min-p, temperature, draw. Engine thread only.

All of it is described, nothing computed: whoever looks at the drawn token has that done.
"""

from __future__ import annotations

import math
import secrets
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

import mlx.core as mx
import numpy as np

from endpoint.providers.base import Sampling

_SEED_MASK = 0xFFFF_FFFF
_LOWEST = -3.0e38
"""Finite, so that it is larger than what is forbidden."""
_COLDEST = 1e-6
"""Below this a temperature says less than the rounding of logits; far below, dividing by it leaves infinities."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Tokens that may be drawn: their logits, and their numbers, None for all in order."""

    logits: mx.array
    tokens: mx.array | None = None


class RowSampler:
    """Draws tokens for one row. The n-th draw of a seed uses the n-th key: no state but a count."""

    def __init__(self, sampling: Sampling, prompt: Sequence[int], n_vocab: int) -> None:
        self._sampling = sampling
        self._n_vocab = n_vocab
        self._seed = (secrets.randbits(32) if sampling.seed is None else sampling.seed) & _SEED_MASK
        self._draws = 0
        self._recent = deque(prompt[-sampling.penalty_last_n :], maxlen=sampling.penalty_last_n)
        self._generated: Counter[int] = Counter()
        bias = sampling.logit_bias
        self._biased = mx.array([token for token, _ in bias]) if bias else None
        self._bias = mx.array([value for _, value in bias], mx.float32)

    @property
    def is_plain_greedy(self) -> bool:
        """Whether it takes the likeliest of the bare logits."""
        return self._sampling.temperature <= 0 and self._biased is None and not self.remembers

    @property
    def remembers(self) -> bool:
        """Whether each token must be accepted before the next draw: it has penalties."""
        sampling = self._sampling
        return sampling.repeat_penalty != 1.0 or bool(sampling.frequency_penalty or sampling.presence_penalty)

    def draw(self, logits: mx.array) -> mx.array:
        """The next token, a scalar, from the model's logits, shape (vocabulary,)."""
        return self._draw(self._adjust(logits.astype(mx.float32)))

    def draw_masked(self, logits: mx.array, mask: bytes) -> mx.array:
        """As `draw`, among the tokens whose bit in `mask` is set (see `Constraint.mask`)."""
        allowed = unpack_mask(mask, self._n_vocab)
        adjusted = self._adjust(logits.astype(mx.float32))
        token = self._draw(mx.where(allowed, adjusted, -mx.inf))
        # Where a bias or rounding leaves no allowed token a chance, the likeliest of them.
        likeliest = mx.argmax(mx.where(allowed, mx.maximum(logits.astype(mx.float32), _LOWEST), -mx.inf))
        return mx.where(allowed[token], token, likeliest)

    def accept(self, token: int) -> None:
        """It was taken."""
        self._recent.append(token)
        self._generated[token] += 1

    def _draw(self, logits: mx.array) -> mx.array:
        if self._sampling.temperature <= 0:
            return mx.argmax(logits)
        left = filter_candidates(logits, self._sampling)
        key = mx.random.key(self._seed << 32 | self._draws)
        self._draws += 1
        place = mx.random.categorical(warm(left.logits, self._sampling.temperature), key=key)
        return place if left.tokens is None else left.tokens[place].astype(mx.uint32)

    def _adjust(self, logits: mx.array) -> mx.array:
        if self._biased is not None:
            logits = logits.at[self._biased].add(self._bias)
        return self._penalise(logits) if self.remembers else logits

    def _penalise(self, logits: mx.array) -> mx.array:
        """Repetition looks back over the prompt too (llama.cpp, transformers); frequency and presence count what was
        generated (OpenAI's definition)."""
        sampling = self._sampling
        if sampling.repeat_penalty != 1.0 and self._recent:
            seen = mx.array(sorted(set(self._recent)))
            old = logits[seen]
            new = mx.where(old <= 0, old * sampling.repeat_penalty, old / sampling.repeat_penalty)
            logits = mx.put_along_axis(logits, seen, new, axis=0)
        if self._generated and (sampling.frequency_penalty or sampling.presence_penalty):
            counts = mx.array(list(self._generated.values()), mx.float32)
            less = counts * sampling.frequency_penalty + sampling.presence_penalty
            logits = logits.at[mx.array(list(self._generated))].subtract(less)
        return logits


def unpack_mask(mask: bytes, n_vocab: int) -> mx.array:
    """A constraint's bits as booleans, shape (vocabulary,)."""
    words = mx.array(np.frombuffer(mask, np.uint32))
    bits = (words[:, None] >> mx.arange(32, dtype=mx.uint32)) & 1
    return bits.reshape(-1)[:n_vocab] == 1


def filter_candidates(logits: mx.array, sampling: Sampling) -> Candidates:
    """What top-k, top-p and min-p leave; each is left out where it would change nothing. What they take is minus
    infinity, or no longer there."""
    left = Candidates(logits)
    if 0 < sampling.top_k < logits.size:
        tokens = mx.argpartition(-logits, sampling.top_k - 1)[: sampling.top_k]
        left = Candidates(logits[tokens], tokens)
    if sampling.top_p < 1.0:
        left = Candidates(_keep_top_p(left.logits, sampling.top_p), left.tokens)
    if sampling.min_p > 0.0:
        least = left.logits.max() + math.log(sampling.min_p)
        left = Candidates(mx.where(left.logits < least, -mx.inf, left.logits), left.tokens)
    return left


def warm(logits: mx.array, temperature: float) -> mx.array:
    """Logits to draw from at a temperature above 0; the largest becomes 0, so that none can overflow."""
    return (logits - mx.maximum(logits.max(), _LOWEST)) / max(temperature, _COLDEST)


def _keep_top_p(logits: mx.array, top_p: float) -> mx.array:
    """The fewest of the likeliest tokens that have `top_p` of the probability together; at least one. Logits that were
    computed in half precision are often equal: of those that tie for the last places the first ones stay."""
    ordered = mx.sort(logits)[::-1]
    before = mx.cumsum(mx.softmax(ordered, precise=True), inclusive=False)
    count = mx.maximum((before < top_p).sum(), 1)
    last = ordered[count - 1]
    above, level = logits > last, logits == last
    kept = above | (level & (mx.cumsum(level.astype(mx.int32)) <= count - above.sum()))
    return mx.where(kept, logits, -mx.inf)
