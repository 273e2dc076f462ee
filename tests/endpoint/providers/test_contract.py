"""What every provider must do: one suite, run against each."""

from __future__ import annotations

import pytest

from endpoint.providers.base import Capacity, Provider, Reuse, Sampling
from tests.endpoint.providers.contenders import DRAWING
from tests.endpoint.providers.driving import finish, hold, make_job, run, share

STORY = "Once upon a time there was a small lighthouse by the sea, and its keeper liked to count the ships. " * 4


def test_a_token_is_drawn_for_every_step_after_the_prompt(provider: Provider) -> None:
    assert len(run(provider, make_job(provider, STORY, max_tokens=5))) == 5


def test_greedy_alone_gives_the_same_tokens_again(provider: Provider) -> None:
    assert run(provider, make_job(provider, STORY)) == run(provider, make_job(provider, STORY))


def test_the_same_seed_alone_gives_the_same_tokens_again(provider: Provider) -> None:
    sampling = Sampling(temperature=1.2, seed=42)
    first = run(provider, make_job(provider, STORY, sampling=sampling))
    assert run(provider, make_job(provider, STORY, sampling=sampling)) == first


@pytest.mark.parametrize("provider", DRAWING, indirect=True)
def test_other_seeds_give_other_tokens(provider: Provider) -> None:
    samplings = [Sampling(temperature=1.2, seed=seed) for seed in range(4)]
    answers = {tuple(run(provider, make_job(provider, STORY, 8, sampling))) for sampling in samplings}
    assert len(answers) > 1


def test_jobs_submitted_together_all_finish(provider: Provider) -> None:
    jobs = [make_job(provider, STORY + name) for name in "abcd"]
    for job in jobs:
        provider.submit(job)
    assert all(finish(provider, jobs).values())


def test_a_job_may_join_while_another_decodes(provider: Provider) -> None:
    early, late = make_job(provider, STORY, max_tokens=30), make_job(provider, "Ships come and go.", max_tokens=5)
    provider.submit(early)

    def join(step: int) -> None:
        if step == 12:
            provider.submit(late)

    tokens = finish(provider, [early, late], join)
    assert tokens[early.id]
    assert tokens[late.id]


def test_cancel_in_prefill_and_in_decode_gives_everything_back(provider: Provider) -> None:
    before = provider.capacity()
    in_prefill, in_decode = make_job(provider, STORY * 4), make_job(provider, "Hello")
    provider.submit(in_decode)
    while not provider.step():
        pass
    provider.submit(in_prefill)
    provider.step()
    assert provider.capacity() != before
    provider.cancel(in_prefill.id)
    provider.cancel(in_decode.id)
    assert provider.capacity() == before
    assert not provider.step()


def test_everything_comes_to_an_end_and_memory_to_where_it_began(provider: Provider) -> None:
    use_all(provider)
    began, capacity = provider.stats(), provider.capacity()
    for _ in range(2):
        use_all(provider)
    ended = provider.stats()
    assert provider.capacity() == capacity
    assert (ended.cells_used, ended.held_bytes, provider.held_bytes()) == (0, 0, 0)
    assert (ended.parked_rows, ended.parked_bytes) == (0, 0)
    assert abs(ended.memory_bytes - began.memory_bytes) <= began.memory_bytes * 0.01


def use_all(provider: Provider) -> None:
    """End jobs in every way: kept, cancelled in prefill and in decode, shared, at the limit."""
    prefix = hold(provider, make_job(provider, STORY, 4))
    again, source, prefilling = (make_job(provider, STORY + end, 4) for end in ("And then", "But then", "So"))
    provider.submit(again, Reuse(prefix, len(prefix.tokens) // 2))
    provider.submit(source)
    provider.release(prefix)
    finish(provider, [again])
    fork = make_job(provider, STORY + "At last", 4)
    share(provider, fork, source, min(provider.computed(source.id), len(fork.tokens) // 2))
    provider.submit(prefilling)
    provider.step()
    for job in (source, prefilling, fork):
        provider.cancel(job.id)


def test_cancelling_an_unknown_job_does_nothing(provider: Provider) -> None:
    provider.cancel(10**9)


def test_rows_are_counted(provider: Provider) -> None:
    job = make_job(provider, "Hello")
    assert provider.capacity().rows == provider.caps.max_parallel
    provider.submit(job)
    assert isinstance(provider.capacity(), Capacity)
    assert provider.capacity().rows == provider.caps.max_parallel - 1
    provider.cancel(job.id)


def test_stats_count_what_is_held_and_what_was_computed(provider: Provider) -> None:
    before = provider.stats()
    assert before.cells_used == 0
    assert before.cells_total > 0
    assert before.threads > 0
    job = make_job(provider, STORY)
    provider.submit(job)
    while not provider.step():
        pass
    after = provider.stats()
    assert after.prefilled_tokens - before.prefilled_tokens == len(job.tokens)
    assert after.cells_used >= len(job.tokens)
    provider.cancel(job.id)
    assert provider.stats().cells_used == 0
    assert provider.stats().prefilled_tokens == after.prefilled_tokens


def test_pieces_of_tokens_join_to_the_text(provider: Provider) -> None:
    text = "Grüße, 世界! 😀 <b>&amp;</b>\n\tend"
    tokens = provider.tokenizer.encode(text, add_bos=False)
    assert b"".join(map(provider.tokenizer.piece, tokens)).decode() == text
