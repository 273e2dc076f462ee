"""The sampler against its definitions, in plain Python; the order of steps is llama.cpp's."""

from __future__ import annotations

import math
from collections import Counter

import mlx.core as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.providers.base import Sampling
from endpoint.providers.mlx.arrays import read_floats, read_int, read_ints
from endpoint.providers.mlx.sampler import RowSampler, filter_candidates, unpack_mask

N = 40
LOGITS = [math.sin(7 * token) * 4 for token in range(N)]


def mask_of(*tokens: int) -> bytes:
    words = [0, 0]
    for token in tokens:
        words[token // 32] |= 1 << token % 32
    return b"".join(word.to_bytes(4, "little") for word in words)


def kept(logits: list[float], sampling: Sampling) -> set[int]:
    left = filter_candidates(mx.array(logits), sampling)
    tokens = list(range(N)) if left.tokens is None else read_ints(left.tokens)
    return {token for token, logit in zip(tokens, read_floats(left.logits), strict=True) if logit > -math.inf}


def expected(logits: list[float], sampling: Sampling) -> set[int]:
    """Top-k, then the nucleus of what is left, then min-p."""
    order = sorted(range(len(logits)), key=lambda token: -logits[token])
    if sampling.top_k:
        order = order[: sampling.top_k]
    weights = [math.exp(logits[token] - logits[order[0]]) for token in order]
    total, before = sum(weights), 0.0
    nucleus: list[int] = []
    for token, weight in zip(order, weights, strict=True):
        if before < sampling.top_p or not nucleus:
            nucleus.append(token)
        before += weight / total
    return {token for token in nucleus if logits[token] >= logits[order[0]] + math.log(sampling.min_p or 1e-300)}


@settings(max_examples=60, deadline=None)
@given(
    top_k=st.integers(0, N + 5),
    top_p=st.sampled_from([1.0, 0.95, 0.5, 0.05]),
    min_p=st.sampled_from([0.0, 0.01, 0.3, 1.0]),
    seed=st.integers(0, 99),
)
def test_the_filters_leave_what_their_definitions_leave(top_k: int, top_p: float, min_p: float, seed: int) -> None:
    logits = [float(value) for value in np.random.default_rng(seed).normal(0, 3, N).astype(np.float32)]
    sampling = Sampling(top_k=top_k, top_p=top_p, min_p=min_p)
    assert kept(logits, sampling) == expected(logits, sampling)


@pytest.mark.parametrize(("top_p", "left"), [(0.0, 1), (0.05, 1), (0.5, 5), (0.55, 6)])
def test_of_equally_likely_tokens_no_more_than_needed_are_left(top_p: float, left: int) -> None:
    logits = [2.0 if token % 4 == 0 else -90.0 for token in range(N)]
    for top_k in (0, 20):
        assert len(kept(logits, Sampling(top_k=top_k, top_p=top_p))) == left


@pytest.mark.parametrize("temperature", [1e-30, 1e-38, 1e-45, 1e-300])
@pytest.mark.parametrize("shift", [-20.0, 0.0, 20.0])
def test_a_temperature_of_almost_nothing_takes_the_likeliest(temperature: float, shift: float) -> None:
    best = max(range(N), key=LOGITS.__getitem__)
    for top_k, min_p in ((0, 0.0), (5, 0.05)):
        sampler = RowSampler(Sampling(temperature=temperature, seed=3, top_k=top_k, min_p=min_p), (), N)
        assert {read_int(sampler.draw(mx.array(LOGITS) + shift)) for _ in range(5)} == {best}


def test_draws_come_as_often_as_their_probability_says() -> None:
    weights = [0.1, 0.6, 0.3]
    sampler = RowSampler(Sampling(temperature=2.0, seed=1), (), 3)
    logits = mx.array([2 * math.log(weight) for weight in weights])
    counts = Counter(read_ints(mx.stack([sampler.draw(logits) for _ in range(2000)])))
    for token, weight in enumerate(weights):
        assert counts[token] / 2000 == pytest.approx(weight, abs=0.05)


def draws(seed: int | None) -> list[int]:
    sampler = RowSampler(Sampling(seed=seed, top_k=30), (), N)
    return read_ints(mx.stack([sampler.draw(mx.array(LOGITS)) for _ in range(30)]))


def test_a_seed_draws_the_same_again_and_another_one_doesnt() -> None:
    assert draws(42) == draws(42)
    assert draws(42) != draws(43)
    assert draws(None) != draws(None)
    assert draws(2**40 + 1) == draws(1), "seeds are 32 bits, as llama.cpp's"


def test_greedy_takes_the_first_of_the_largest() -> None:
    sampler = RowSampler(Sampling(temperature=0), (), 4)
    assert sampler.is_plain_greedy
    assert sampler.draw(mx.array([1.0, 5.0, 5.0, 2.0])).item() == 1


def test_a_bias_comes_first_and_can_forbid() -> None:
    sampling = Sampling(temperature=0, logit_bias=((1, -math.inf), (3, 4.0)))
    sampler = RowSampler(sampling, (), 4)
    assert not sampler.is_plain_greedy
    assert sampler.draw(mx.array([1.0, 5.0, 4.0, 2.0])).item() == 3


def test_repetition_looks_back_over_the_prompt_but_only_so_far() -> None:
    logits = mx.array([4.0, 3.0, -1.0, -1.5])
    near = RowSampler(Sampling(temperature=0, repeat_penalty=2.0, penalty_last_n=2), (0, 1, 1), 4)
    assert near.draw(logits).item() == 0, "its token is too far back"
    whole = RowSampler(Sampling(temperature=0, repeat_penalty=2.0), (0, 0), 4)
    assert whole.draw(logits).item() == 1
    below = RowSampler(Sampling(temperature=0, repeat_penalty=2.0), (0, 1, 2), 4)
    assert below.draw(mx.array([-4.0, -3.0, -1.0, -1.5])).item() == 3, "below zero it multiplies"


def test_frequency_and_presence_count_what_was_generated() -> None:
    sampler = RowSampler(Sampling(temperature=0, frequency_penalty=1.0, presence_penalty=0.5), (0, 0, 0), 3)
    logits = mx.array([4.0, 2.6, 0.0])
    drawn = []
    for _ in range(3):
        drawn.append(read_int(sampler.draw(logits)))
        sampler.accept(drawn[-1])
    assert drawn == [0, 1, 0], "4, then 2.5 against 2.6, then 2.5 against 1.1"


def test_penalties_leave_the_models_own_logits_alone() -> None:
    logits = mx.array([4.0, 3.0])
    sampler = RowSampler(Sampling(temperature=0, repeat_penalty=2.0, presence_penalty=1.0), (0,), 2)
    sampler.accept(0)
    sampler.draw(logits).item()
    assert logits.tolist() == [4.0, 3.0]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_masked_draw_takes_only_what_is_allowed(temperature: float) -> None:
    sampler = RowSampler(Sampling(temperature=temperature, seed=3, top_k=5), (), N)
    allowed = (2, 31, 32, 39)
    tokens = {read_int(sampler.draw_masked(mx.array(LOGITS), mask_of(*allowed))) for _ in range(40)}
    assert tokens <= set(allowed)


def test_where_a_bias_forbids_all_that_is_allowed_the_likeliest_of_it_comes() -> None:
    bias = ((2, -math.inf), (33, -math.inf))
    for temperature in (0.0, 1.0):
        sampler = RowSampler(Sampling(temperature=temperature, seed=3, logit_bias=bias), (), N)
        best = max((2, 33), key=lambda token: LOGITS[token])
        assert sampler.draw_masked(mx.array(LOGITS), mask_of(2, 33)).item() == best


def test_where_rounding_leaves_nothing_the_lowest_allowed_comes() -> None:
    sampler = RowSampler(Sampling(temperature=0), (), N)
    assert sampler.draw_masked(mx.full((N,), -mx.inf), mask_of(7, 35)).item() == 7


def test_masks_are_bits_in_little_endian_words() -> None:
    told = read_ints(unpack_mask(mask_of(0, 31, 32, 39), N))
    assert [token for token, allowed in enumerate(told) if allowed] == [0, 31, 32, 39]


@pytest.mark.parametrize("dtype", [mx.float16, mx.bfloat16])
def test_half_precision_logits_are_drawn_from_too(dtype: mx.Dtype) -> None:
    sampler = RowSampler(Sampling(temperature=1.0, seed=1, top_p=0.9, min_p=0.05, repeat_penalty=1.1), (1, 2), N)
    assert 0 <= read_int(sampler.draw(mx.array(LOGITS).astype(dtype))) < N
