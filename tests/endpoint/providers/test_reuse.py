"""Reuse, on each provider: the answer is the one that a cold start gives, wherever the beginning comes from."""

from __future__ import annotations

import pytest

from endpoint.providers.base import Job, Provider, Reuse
from tests.endpoint.providers.driving import finish, hold, make_job, run, share

STORY = "The lighthouse keeper counted the ships that passed, and wrote each one down in a large blue book. " * 6
QUESTION = STORY + "How many"


def run_reusing(provider: Provider, job: Job, reuse: Reuse) -> list[int]:
    assert provider.submit(job, reuse) == reuse.depth
    return finish(provider, [job])[job.id]


def test_a_held_prompt_sent_again_continues_as_if_it_had_been_computed(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION, max_tokens=60))
    prefix = hold(provider, make_job(provider, QUESTION, max_tokens=3))
    assert provider.held_bytes() > 0
    job = make_job(provider, QUESTION, max_tokens=60)
    assert run_reusing(provider, job, Reuse(prefix, len(job.tokens) - 1)) == cold
    provider.release(prefix)


def test_a_held_prefix_is_lent_to_many_at_once_and_stays_what_it_was(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION))
    prefix = hold(provider, make_job(provider, QUESTION, max_tokens=3))
    jobs = [make_job(provider, QUESTION + end) for end in ("", " ships", " sailors")]
    for job in jobs:
        assert provider.submit(job, Reuse(prefix, len(jobs[0].tokens) - 1)) == len(jobs[0].tokens) - 1
    assert all(finish(provider, jobs).values())
    again = make_job(provider, QUESTION)
    assert run_reusing(provider, again, Reuse(prefix, len(again.tokens) - 1)) == cold
    provider.release(prefix)


def test_a_job_kept_in_prefill_leaves_what_it_computed(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION))
    source = make_job(provider, STORY * 4)
    provider.submit(source)
    while not (computed := provider.computed(source.id)):
        assert not provider.step()
    assert computed < len(source.tokens)
    prefix = provider.keep(source.id)
    assert prefix is not None
    assert prefix.tokens == source.tokens[:computed]
    job = make_job(provider, QUESTION)
    depth = min(len(prefix.tokens), len(provider.tokenizer.encode(STORY, add_bos=True)) - 1)
    assert run_reusing(provider, job, Reuse(prefix, depth)) == cold
    provider.release(prefix)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_prefix_can_be_cut_anywhere(provider: Provider, part: float) -> None:
    other = make_job(provider, STORY + "Then the sea rose and the harbour flooded, and nobody came.", max_tokens=2)
    cold = run(provider, make_job(provider, QUESTION, max_tokens=60))
    prefix = hold(provider, other)
    job = make_job(provider, QUESTION, max_tokens=60)
    common = len(provider.tokenizer.encode(STORY, add_bos=True)) - 1
    assert run_reusing(provider, job, Reuse(prefix, int(common * part))) == cold
    provider.release(prefix)


def test_a_running_job_can_be_shared_and_may_end_before_its_fork(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION))
    source, fork = make_job(provider, STORY + "The end", max_tokens=20), make_job(provider, QUESTION)
    provider.submit(source)
    while not provider.step():
        pass
    depth = len(provider.tokenizer.encode(STORY, add_bos=True)) - 1
    assert provider.computed(source.id) > depth
    share(provider, fork, source, depth)
    provider.cancel(source.id)
    assert finish(provider, [fork])[fork.id] == cold


def test_everything_held_is_given_back(provider: Provider) -> None:
    before = provider.capacity()
    prefixes = [hold(provider, make_job(provider, STORY + name, max_tokens=2)) for name in "abcde"]
    for prefix in prefixes:
        provider.release(prefix)
    assert provider.capacity() == before
    assert provider.held_bytes() == 0
