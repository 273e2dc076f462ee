"""State that can't be cut, of each kind: taken up at any checkpoint, the answer is the one that a cold start gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from endpoint.providers.base import Job, Prefix, Provider, Reuse, Sampling
from tests.endpoint.providers.contenders import UNCUT, find_model
from tests.endpoint.providers.driving import GREEDY, finish, hold, make_job, opened, run, share

NOTES = "".join(f"Note {number}: {number * number} ships. " for number in range(40))
ANSWER, N_CTX = 20, 2048
SEEDED = Sampling(temperature=1.0, seed=5)


@pytest.fixture(scope="module", params=UNCUT)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with opened(find_model(request.param, tmp_path_factory.mktemp("model")), N_CTX) as loaded:
        yield loaded


def make(provider: Provider, text: str, *depths: int, sampling: Sampling = GREEDY) -> Job:
    job = make_job(provider, text, ANSWER, sampling)
    return replace(job, checkpoints=(*depths, len(job.tokens) - 1))


def hold_prompt(provider: Provider, job: Job) -> Prefix:
    prefix = hold(provider, job)
    assert prefix.tokens == job.tokens[: len(prefix.tokens)], "the answer is not held"
    return prefix


def prefill_past(provider: Provider, job: Job, depth: int) -> None:
    provider.submit(job)
    while provider.computed(job.id) < depth:
        provider.step()


@pytest.mark.parametrize("sampling", [pytest.param(GREEDY, marks=pytest.mark.slow_suite), SEEDED])
def test_every_checkpoint_can_be_taken_up(provider: Provider, sampling: Sampling) -> None:
    question = NOTES + "How many ships are there, all in all?"
    cold = run(provider, make_job(provider, question, ANSWER, sampling))
    unread = make_job(provider, question[len(NOTES) // 2 :], ANSWER, sampling)
    assert cold != run(provider, unread), "it doesn't listen: the test shows nothing"
    prefix = hold_prompt(provider, make(provider, NOTES + "And who counted them?", 50, 203, 500, len(NOTES)))
    assert len(prefix.checkpoints) == 5
    for depth in prefix.checkpoints[:-1]:
        job = make(provider, question, sampling=sampling)
        assert provider.submit(job, Reuse(prefix, depth)) == depth
        assert finish(provider, [job])[job.id] == cold
    provider.release(prefix)


def test_a_prompt_sent_again_is_taken_up_near_its_end_without_its_answer(provider: Provider) -> None:
    job = make(provider, NOTES + "Which?", 300)
    cold = run(provider, replace(job, checkpoints=()))
    prefix = hold_prompt(provider, replace(job, id=job.id + 10**6))
    assert len(job.tokens) - len(prefix.tokens) <= 65
    again = replace(job, id=job.id + 2 * 10**6)
    assert provider.submit(again, Reuse(prefix, len(prefix.tokens))) == len(prefix.tokens)
    assert finish(provider, [again])[again.id] == cold
    provider.release(prefix)


def test_a_running_job_is_shared_at_its_checkpoints_and_may_end_before_its_fork(provider: Provider) -> None:
    question = make(provider, NOTES + "How many?")
    cold = run(provider, replace(question, checkpoints=()))
    source = make(provider, NOTES * 2, 203, len(NOTES))
    prefill_past(provider, source, len(NOTES) + 2)
    depth = max(depth for depth in provider.checkpoints(source.id) if depth <= len(NOTES))
    fork = replace(question, id=question.id + 10**6)
    share(provider, fork, source, depth)
    assert depth in provider.checkpoints(fork.id), "what it took up it can hand on"
    provider.cancel(source.id)
    assert finish(provider, [fork])[fork.id] == cold


def test_a_job_cancelled_in_prefill_leaves_the_checkpoints_it_reached(provider: Provider) -> None:
    question = make(provider, NOTES + "How many?")
    cold = run(provider, replace(question, checkpoints=()))
    source = make(provider, NOTES * 2, 203, len(NOTES))
    prefill_past(provider, source, len(NOTES) + 2)
    prefix = provider.keep(source.id)
    assert prefix is not None
    assert len(prefix.checkpoints) == 2
    assert len(prefix.tokens) <= len(NOTES)
    again = replace(question, id=question.id + 10**6)
    provider.submit(again, Reuse(prefix, len(prefix.tokens)))
    assert finish(provider, [again])[again.id] == cold
    provider.release(prefix)


def test_before_its_first_checkpoint_nothing_is_held(provider: Provider) -> None:
    job = make(provider, NOTES * 2, len(NOTES))
    provider.submit(job)
    provider.step()
    assert provider.computed(job.id) < len(NOTES)
    assert provider.keep(job.id) is None


def test_a_job_may_fill_the_context_but_for_one_token(provider: Provider) -> None:
    notes = make(provider, NOTES)
    tokens = (notes.tokens * 10)[: provider.info.n_ctx - 1]
    job = replace(notes, tokens=tokens, max_tokens=1, checkpoints=(len(tokens) - 1,))
    assert len(tokens) == provider.info.n_ctx - 1
    prefix = hold_prompt(provider, job)
    assert len(prefix.tokens) > len(tokens) - 70
    provider.release(prefix)


def test_checkpoints_take_bytes_and_give_them_back(provider: Provider) -> None:
    before = provider.capacity()
    job = make(provider, NOTES, 100, 200)
    prefill_past(provider, job, 201)
    first = provider.held_bytes()
    assert first > 0
    provider.limit_checkpoints(job.id, 1)
    assert 0 < provider.held_bytes() < first
    provider.limit_checkpoints(job.id, 0)
    assert (provider.held_bytes(), provider.checkpoints(job.id)) == (0, ())
    provider.cancel(job.id)
    prefix = hold_prompt(provider, make(provider, NOTES, 100, 200))
    assert (whole := provider.held_bytes()) > first
    prefix = provider.thin(prefix, 2)
    assert (prefix.checkpoints[-1], len(prefix.checkpoints)) == (len(prefix.tokens), 2)
    assert provider.held_bytes() < whole
    provider.release(prefix)
    assert (provider.held_bytes(), provider.capacity()) == (0, before)
