"""Passes launched before their tokens are read, as on a GPU: nobody's answer is another one for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from endpoint.providers.base import Job, MemoryKind, Reuse, RunningJob, Sampling
from endpoint.providers.mlx.provider import MlxProvider
from tests.endpoint.providers.driving import GREEDY, finish, hold, make_job, run
from tests.endpoint.providers.mlx.assembling import assembled

STORY = "The keeper of the lighthouse counted the ships, and wrote each one down. " * 2
SEEDED = Sampling(temperature=1.1, seed=5)
PENALISED = Sampling(temperature=0.9, seed=6, repeat_penalty=1.2)
KINDS = [MemoryKind.ATTENTION, MemoryKind.HYBRID]


@pytest.fixture(scope="module", params=KINDS)
def ahead(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlxProvider]:
    with assembled(request.param, tmp_path_factory.mktemp("ahead"), ahead=True) as provider:
        yield provider


@pytest.fixture(scope="module")
def plain(ahead: MlxProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlxProvider]:
    with assembled(ahead.caps.memory, tmp_path_factory.mktemp("plain")) as provider:
        yield provider


def decode(provider: MlxProvider, job: Job, tokens: int) -> list[int]:
    """Submit a job and step until it has so many tokens: on a GPU the next one is under way then."""
    provider.submit(job)
    drawn: list[int] = []
    while len(drawn) < tokens:
        drawn += [event.token for event in provider.step() if event.job_id == job.id]  # type: ignore[union-attr]  # Sampled
    return drawn


def submit_at(provider: MlxProvider, arrivals: dict[int, Job]) -> Callable[[int], None]:
    """Jobs that come before some steps."""

    def submit(step: int) -> None:
        if step in arrivals:
            provider.submit(arrivals[step])

    return submit


def cold(provider: MlxProvider, job: Job) -> list[int]:
    return run(provider, replace(job, checkpoints=()))


def test_rows_that_come_and_go_answer_as_they_do_alone_without_it(ahead: MlxProvider, plain: MlxProvider) -> None:
    samplings = (GREEDY, SEEDED, PENALISED, SEEDED)
    lengths = (30, 1, 12, 45)
    jobs = [make_job(plain, STORY[place:], *how) for place, how in enumerate(zip(lengths, samplings, strict=True))]
    ahead.submit(jobs[0])
    arrivals = {9: jobs[1], 10: jobs[2], 15: jobs[3]}
    answers = finish(ahead, jobs, submit_at(ahead, arrivals))
    assert answers == {job.id: cold(plain, job) for job in jobs}


def test_a_row_cancelled_with_a_token_under_way_leaves_the_others_theirs(
    ahead: MlxProvider, plain: MlxProvider
) -> None:
    leaver, first, second = (make_job(plain, STORY[place:], 25, SEEDED) for place in range(3))
    for job in (first, leaver, second):
        ahead.submit(job)

    def leave(step: int) -> None:
        if step == 12:
            ahead.cancel(leaver.id)

    assert finish(ahead, [first, second], leave) == {job.id: cold(plain, job) for job in (first, second)}


def test_a_running_row_is_forked_with_a_token_under_way(ahead: MlxProvider, plain: MlxProvider) -> None:
    story = len(ahead.tokenizer.encode(STORY, add_bos=True))
    stops = () if ahead.caps.trimmable else (story - 5,)
    source = replace(make_job(plain, STORY + "And?", 30), checkpoints=stops)
    begun = decode(ahead, source, 5)
    fork = make_job(plain, STORY + "So?", 20)
    depth = story if ahead.caps.trimmable else ahead.checkpoints(source.id)[0]
    assert ahead.submit(fork, Reuse(RunningJob(source.id), depth)) == depth
    source_left = replace(source, max_tokens=30 - len(begun))
    answers = finish(ahead, [source_left, fork])
    assert answers[fork.id] == cold(plain, fork)
    assert begun + answers[source.id] == cold(plain, source)


def test_what_is_kept_with_a_token_under_way_is_what_has_been_told(ahead: MlxProvider, plain: MlxProvider) -> None:
    job = replace(make_job(plain, STORY + "Who?", 9), checkpoints=() if ahead.caps.trimmable else (40,))
    prefix = hold(ahead, job)
    if ahead.caps.trimmable:
        assert list(prefix.tokens) == [*job.tokens, *cold(plain, job)[:-1]], "the last one is computed by nobody"
    longer = Job(job.id + 10**6, (*prefix.tokens, *job.tokens[:7]), 20, GREEDY)
    ahead.submit(longer, Reuse(prefix, len(prefix.tokens)))
    assert finish(ahead, [longer])[longer.id] == cold(plain, replace(longer, id=longer.id + 1))
    ahead.release(prefix)
    assert (ahead.held_bytes(), ahead.stats().cells_used) == (0, 0)


def test_a_row_that_must_know_each_token_joins_those_that_need_not(ahead: MlxProvider, plain: MlxProvider) -> None:
    first = make_job(plain, STORY, 30, SEEDED)
    teller = replace(make_job(plain, STORY[3:], 8), logprobs=2)
    ahead.submit(first)
    answers = finish(ahead, [first, teller], submit_at(ahead, {9: teller}))
    assert answers == {job.id: cold(plain, job) for job in (first, teller)}
