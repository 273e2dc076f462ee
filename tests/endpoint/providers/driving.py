"""Drives a provider by hand, without an engine: submit, step, collect."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from endpoint.contract import ModelRef
from endpoint.providers.base import Failed, Job, Prefix, Provider, Reuse, RunningJob, Sampled, Sampling
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider

GREEDY = Sampling(temperature=0)
_ids = itertools.count(1)


@contextmanager
def opened(model: ModelRef, n_ctx: int = 4096) -> Iterator[Provider]:
    """A provider with four rows and one thread, closed at the end."""
    provider = load_provider(model, LoadOptions(n_ctx=n_ctx, parallel=4, threads=1), lambda _share: None)
    try:
        yield provider
    finally:
        provider.close()


def make_job(provider: Provider, text: str, max_tokens: int = 16, sampling: Sampling = GREEDY) -> Job:
    """A job for a text."""
    return Job(next(_ids), tuple(provider.tokenizer.encode(text, add_bos=True)), max_tokens, sampling)


def finish(
    provider: Provider, jobs: list[Job], on_step: Callable[[int], None] = lambda _step: None
) -> dict[int, list[int]]:
    """Step until every submitted job has ended or reached its limit; tokens by job id, end tokens left out."""
    tokens: dict[int, list[int]] = {job.id: [] for job in jobs}
    limits = {job.id: job.max_tokens for job in jobs}
    open_jobs = set(tokens)
    for step in range(100_000):
        if not open_jobs:
            return tokens
        on_step(step)
        for event in provider.step():
            assert not isinstance(event, Failed), event.message
            if event.job_id in open_jobs and _take(event, tokens, limits, provider):
                open_jobs.discard(event.job_id)
                provider.cancel(event.job_id)
    raise AssertionError("the provider never finished")


def _take(event: Sampled, tokens: dict[int, list[int]], limits: dict[int, int], provider: Provider) -> bool:
    if provider.tokenizer.is_end(event.token):
        return True
    tokens[event.job_id].append(event.token)
    return len(tokens[event.job_id]) >= limits[event.job_id]


def run(provider: Provider, job: Job) -> list[int]:
    """One job alone."""
    provider.submit(job)
    return finish(provider, [job])[job.id]


def hold(provider: Provider, job: Job) -> Prefix:
    """Run a job to its limit and hold what it computed."""
    provider.submit(job)
    drawn = 0
    while drawn < job.max_tokens:
        drawn += len(provider.step())
    prefix = provider.keep(job.id)
    assert prefix is not None
    return prefix


def share(provider: Provider, fork: Job, source: Job, depth: int) -> None:
    """Submit a job that shares a running one; what is shared takes no cells again, where the provider says so."""
    free = provider.capacity().cells
    assert provider.submit(fork, Reuse(RunningJob(source.id), depth)) == depth
    if provider.caps.shares_running:
        assert free - provider.capacity().cells <= len(fork.tokens) - depth
