"""What every provider tells of its tokens when it is asked, and what it does with a bias."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from endpoint.providers.base import Job, Provider, Sampled, Sampling
from tests.endpoint.providers.driving import GREEDY, make_job, run


def drive(provider: Provider, job: Job, count: int) -> list[Sampled]:
    provider.submit(job)
    drawn: list[Sampled] = []
    while len(drawn) < count:
        for event in provider.step():
            assert isinstance(event, Sampled)
            drawn.append(event)
    provider.cancel(job.id)
    return drawn[:count]


def test_each_token_comes_with_its_own_and_the_likeliest(provider: Provider) -> None:
    for event in drive(provider, replace(make_job(provider, "Once upon a time"), logprobs=4), 5):
        assert event.logprobs is not None
        assert event.logprobs.token == event.token
        assert len({token for token, _ in event.logprobs.top}) == 4
        values = [logprob for _, logprob in event.logprobs.top]
        assert values == sorted(values, reverse=True)
        assert 0 < sum(map(math.exp, values)) <= 1.0001
        assert dict(event.logprobs.top)[event.token] == event.logprobs.logprob  # it is greedy
        assert event.prompt == ()


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(temperature=0.3, top_k=5, seed=3)], ids=["greedy", "drawn"])
def test_the_probabilities_of_all_tokens_sum_to_one(provider: Provider, sampling: Sampling) -> None:
    job = replace(make_job(provider, "Once upon a time", sampling=sampling), logprobs=provider.info.n_vocab)
    for event in drive(provider, job, 2):
        assert event.logprobs is not None
        assert event.logprobs.logprob is not None
        probabilities = {token: math.exp(logprob) for token, logprob in event.logprobs.top}
        assert len(probabilities) == provider.info.n_vocab
        assert math.fsum(probabilities.values()) == pytest.approx(1, abs=1e-4)
        assert math.exp(event.logprobs.logprob) == pytest.approx(probabilities[event.token])


def test_who_does_not_ask_is_told_nothing(provider: Provider) -> None:
    for event in drive(provider, make_job(provider, "Once upon a time"), 3):
        assert (event.logprobs, event.prompt) == (None, ())


def test_a_prompts_tokens_come_with_the_first_one_drawn(provider: Provider) -> None:
    job = replace(make_job(provider, "Once upon a time, there was a lighthouse. " * 4), logprobs=1, scores_prompt=True)
    first, second = drive(provider, job, 2)
    assert tuple(each.token for each in first.prompt) == job.tokens
    assert first.prompt[0].logprob is None
    assert all(each.logprob is not None and each.logprob < 0 and len(each.top) == 1 for each in first.prompt[1:])
    assert second.prompt == ()


def test_a_prompt_of_one_token_has_nothing_to_score(provider: Provider) -> None:
    job = replace(make_job(provider, "a"), tokens=(97,), logprobs=0, scores_prompt=True)
    assert [each.logprob for each in drive(provider, job, 1)[0].prompt] == [None]


def test_a_forbidden_token_does_not_come(provider: Provider) -> None:
    text = "abcabcabc"
    banned = run(provider, make_job(provider, text, 4))[0]
    sampling = Sampling(temperature=0, logit_bias=((banned, -math.inf),))
    tokens = run(provider, make_job(provider, text, 4, sampling))
    assert tokens
    assert banned not in tokens
