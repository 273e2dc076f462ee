"""Both providers' samplers on the same logits: llama.cpp's chain is the other opinion on every definition."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import llama_cpp.llama_cpp as ll
import mlx.core as mx
import numpy as np
import pytest

from endpoint.providers.base import Sampling
from endpoint.providers.llamacpp.sampler import RowSampler as LlamaSampler
from endpoint.providers.mlx.arrays import read_floats, read_int, read_ints
from endpoint.providers.mlx.sampler import RowSampler, filter_candidates, warm

N = 500
PROMPT = (3, 3, 7, 400, 12, 7, 499)


def make_logits(seed: int) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(0, 3, N).astype(np.float32)]


class Chain:
    """llama.cpp's chain for one row, without a model."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampler = LlamaSampler(sampling, PROMPT, N, 512)

    def apply(self, logits: Sequence[float]) -> tuple[int, dict[int, float]]:
        """The token it draws, and the logits that it left to draw from, divided by the temperature."""
        data = (ll.llama_token_data * N)(*((token, logit, 0.0) for token, logit in enumerate(logits)))
        array = ll.llama_token_data_array(data, N, -1, False)
        ll.llama_sampler_apply(self._sampler._chain, ctypes.byref(array))
        left = {array.data[place].id: array.data[place].logit for place in range(array.size)}
        return array.data[array.selected].id, left

    def accept(self, token: int) -> None:
        ll.llama_sampler_accept(self._sampler._chain, token)

    def close(self) -> None:
        self._sampler.close()


def odds(logits: Sequence[float]) -> list[float]:
    weights = np.exp(np.array(logits, np.float64) - max(logits))
    return [float(weight) for weight in weights / weights.sum()]


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05),
        Sampling(temperature=1.0),
        Sampling(temperature=1.7, top_p=0.9),
        Sampling(temperature=0.3, top_k=7),
        Sampling(temperature=2.0, min_p=0.02),
        Sampling(temperature=1.0, top_k=3, top_p=0.0, min_p=1.0),
        Sampling(temperature=1.0, top_k=N + 1, top_p=0.999, min_p=0.001),
    ],
    ids=str,
)
def test_a_token_is_as_likely_to_be_drawn_as_in_llamacpp(sampling: Sampling) -> None:
    chain = Chain(sampling)
    for seed in range(5):
        logits = make_logits(seed)
        _, theirs = chain.apply(logits)
        left = filter_candidates(mx.array(logits), sampling)
        tokens = list(range(N)) if left.tokens is None else read_ints(left.tokens)
        ours = dict(zip(tokens, odds(read_floats(warm(left.logits, sampling.temperature))), strict=True))
        expected = dict(zip(theirs, odds(list(theirs.values())), strict=True))
        assert {token: share for token, share in ours.items() if share > 0} == pytest.approx(expected, rel=1e-4)
    chain.close()


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=0),
        Sampling(temperature=0, repeat_penalty=1.3, penalty_last_n=8),
        Sampling(temperature=0, repeat_penalty=0.8, penalty_last_n=3),
        Sampling(temperature=0, frequency_penalty=0.4),
        Sampling(temperature=0, presence_penalty=1.5),
        Sampling(temperature=0, frequency_penalty=-0.5, presence_penalty=-1.0),
        Sampling(temperature=0, repeat_penalty=1.2, frequency_penalty=0.3, presence_penalty=0.6),
        Sampling(temperature=0, repeat_penalty=1.2, frequency_penalty=0.3, logit_bias=((5, 9.0), (400, -float("inf")))),
    ],
    ids=str,
)
def test_greedy_answers_with_penalties_are_llamacpps(sampling: Sampling) -> None:
    chain, sampler = Chain(sampling), RowSampler(sampling, PROMPT, N)
    ours, theirs = [], []
    for step in range(60):
        logits = make_logits(step // 12)  # the same ones again and again, so that penalties decide
        token, _ = chain.apply(logits)
        chain.accept(token)
        theirs.append(token)
        ours.append(read_int(sampler.draw(mx.array(logits))))
        sampler.accept(ours[-1])
    chain.close()
    assert ours == theirs
