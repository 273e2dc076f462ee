"""What the fake provider tells of its tokens: each is half as likely as the one before it in the list. Pure."""

from __future__ import annotations

import math

from endpoint.providers.base import Job, Sampled
from endpoint.providers.logprobs import TokenLogprobs

N_VOCAB = 257


def tell(job: Job, token: int, *, is_first: bool) -> Sampled:
    """A token, with the log-probabilities that its job asks for."""
    told = None if job.logprobs is None else _tell(token, job.logprobs)
    return Sampled(job.id, token, told, _score(job) if is_first and job.scores_prompt else ())


def _tell(token: int, top: int) -> TokenLogprobs:
    likeliest = tuple(((token + place) % N_VOCAB, (place + 1) * math.log(0.5)) for place in range(top))
    return TokenLogprobs(token, math.log(0.5), likeliest)


def _score(job: Job) -> tuple[TokenLogprobs, ...]:
    first, *others = job.tokens
    return (TokenLogprobs(first, None), *(_tell(token, job.logprobs or 0) for token in others))
