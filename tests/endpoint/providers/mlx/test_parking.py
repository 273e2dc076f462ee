"""More rows than the budget has room for: some give up their state and compute it again, and nobody reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import mlx.core as mx
import pytest

from endpoint.providers.base import Job, MemoryKind, Reuse, RunningJob, Sampling
from endpoint.providers.mlx.provider import MlxProvider
from endpoint.providers.mlx.room import STEP
from tests.endpoint.providers.driving import GREEDY, finish, make_job, run
from tests.endpoint.providers.mlx.assembling import assembled

CELLS = 3 * STEP
SAMPLINGS = (GREEDY, Sampling(temperature=1.1, seed=3), Sampling(temperature=0.9, seed=4, frequency_penalty=0.5))
STORY = "The keeper counts the ships, and each one has a name. " * 4


@pytest.fixture(scope="module", params=[(MemoryKind.ATTENTION, False), (MemoryKind.HYBRID, True)], ids=str)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlxProvider]:
    kind, ahead = request.param
    with assembled(kind, tmp_path_factory.mktemp("model"), cells=CELLS, ahead=ahead) as loaded:
        yield loaded


def make_all(provider: MlxProvider) -> list[Job]:
    return [make_job(provider, STORY[place:], 60, sampling) for place, sampling in enumerate(SAMPLINGS)]


def park(provider: MlxProvider, jobs: list[Job]) -> None:
    """Until the youngest has given way, which tells nobody a token twice."""
    for job in jobs:
        provider.submit(job)
    while not provider.stats().parked_rows:
        provider.step()


def test_rows_that_gave_way_answer_as_they_do_alone(provider: MlxProvider) -> None:
    jobs = make_all(provider)
    cold = {job.id: run(provider, job) for job in jobs}
    before = provider.stats().parkings
    for job in jobs:
        provider.submit(job)
    assert finish(provider, jobs) == cold
    assert provider.stats().parkings > before, "there was room for all: the test shows nothing"
    assert (provider.stats().cells_used, provider.stats().parked_rows) == (0, 0)


def test_while_one_waits_nobody_new_is_let_in(provider: MlxProvider) -> None:
    jobs = make_all(provider)
    park(provider, jobs)
    assert provider.capacity().cells == 0
    for job in jobs[:2]:
        provider.cancel(job.id)
    provider.step()
    assert provider.stats().parked_rows == 0
    assert provider.capacity().cells > 0
    provider.cancel(jobs[2].id)


def test_what_a_parked_row_had_can_be_neither_kept_nor_shared(provider: MlxProvider) -> None:
    jobs = make_all(provider)
    park(provider, jobs)
    parked = jobs[2]
    assert provider.computed(parked.id) == 0
    fork = replace(make_job(provider, STORY + "Who?", 3), checkpoints=())
    assert provider.submit(fork, Reuse(RunningJob(parked.id), 20)) == 0
    assert provider.keep(parked.id) is None
    for job in (*jobs[:2], fork):
        provider.cancel(job.id)
    assert provider.capacity().rows == provider.caps.max_parallel


def test_after_many_jobs_of_all_sorts_memory_is_where_it_was(provider: MlxProvider) -> None:
    def use_all() -> None:
        jobs = [replace(job, max_tokens=12) for job in (*make_all(provider), make_job(provider, "", 1))]
        for job in jobs:
            provider.submit(job)
        for _ in range(15):
            provider.step()
        for place, job in enumerate(jobs):
            if place % 2 and (prefix := provider.keep(job.id)) is not None:
                provider.release(prefix)
            provider.cancel(job.id)

    use_all()
    before = mx.get_active_memory()
    for _ in range(6):
        use_all()
    assert provider.held_bytes() == 0
    assert abs(mx.get_active_memory() - before) <= before * 0.01
