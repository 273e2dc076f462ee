"""A pass that MLX gives up on takes with it the rows it was for, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from endpoint.providers.base import Failed, Job, MemoryKind, Sampled
from endpoint.providers.mlx.provider import MlxProvider
from endpoint.providers.mlx.state import State
from tests.endpoint.providers.driving import GREEDY, finish, run
from tests.endpoint.providers.mlx.assembling import Unreliable, assembled

ANSWER = 6
KINDS = [MemoryKind.ATTENTION, MemoryKind.HYBRID]


def make(number: int, tokens: int) -> Job:
    return Job(number, tuple(range(20, 20 + tokens)), ANSWER, GREEDY)


@contextmanager
def unreliable(kind: MemoryKind, folder: Path, *, ahead: bool = False) -> Iterator[tuple[MlxProvider, Unreliable]]:
    made: list[Unreliable] = []

    def wrap(model: object) -> Unreliable:
        made.append(Unreliable(model))
        return made[0]

    with assembled(kind, folder, ahead=ahead, wrap=wrap) as provider:
        yield provider, made[0]


def collect(provider: MlxProvider, jobs: list[Job]) -> tuple[dict[int, list[int]], dict[int, str]]:
    """The answers of those that end, and why the others don't."""
    answers: dict[int, list[int]] = {job.id: [] for job in jobs}
    reasons: dict[int, str] = {}
    for _ in range(200):
        for event in provider.step():
            match event:
                case Failed(job_id, message):
                    reasons[job_id] = message
                    del answers[job_id]
                case Sampled(job_id, token) if len(answers[job_id]) < ANSWER:
                    answers[job_id].append(token)
                    if len(answers[job_id]) == ANSWER:
                        provider.cancel(job_id)
        if all(len(tokens) == ANSWER for tokens in answers.values()):
            return answers, reasons
    raise AssertionError("somebody was forgotten")


@pytest.mark.parametrize("ahead", [False, True], ids=["plain", "ahead"])
@pytest.mark.parametrize("kind", KINDS)
def test_whichever_pass_fails_every_row_ends_and_the_next_ones_are_served(
    kind: MemoryKind, ahead: bool, tmp_path: Path
) -> None:
    jobs = [make(1, 30), make(2, 200), make(3, 1)]
    with unreliable(kind, tmp_path, ahead=ahead) as (provider, model):
        cold = {job.id: run(provider, job) for job in jobs}
        for number in range(1, 7):
            model.passes_left = number
            for job in jobs:
                provider.submit(job)
            answers, reasons = collect(provider, jobs)
            assert reasons, "no pass failed: the test shows nothing"
            assert all("MLX failed: the processor is on fire" in reason for reason in reasons.values())
            assert answers == {job_id: cold[job_id] for job_id in answers}
            assert (provider.stats().cells_used, provider.capacity().rows) == (0, provider.caps.max_parallel)


def test_a_prompt_that_can_not_be_computed_ends_its_own_row_only(tmp_path: Path) -> None:
    with unreliable(MemoryKind.ATTENTION, tmp_path) as (provider, model):
        running, newcomer = make(1, 30), make(2, 200)
        cold = run(provider, running)
        provider.submit(running)
        begun: list[int] = []
        while not begun:
            begun = [event.token for event in provider.step() if isinstance(event, Sampled)]
        provider.submit(newcomer)
        model.passes_left = 1
        events = provider.step()
        assert [event.job_id for event in events if isinstance(event, Failed)] == [newcomer.id]
        begun += [event.token for event in events if isinstance(event, Sampled)]
        rest = Job(running.id, running.tokens, ANSWER - len(begun), GREEDY)
        assert begun + finish(provider, [rest])[running.id] == cold


def test_a_row_that_can_not_join_the_others_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_caches: State) -> object:
        raise MemoryError("no room for a batch")

    with unreliable(MemoryKind.ATTENTION, tmp_path) as (provider, _):
        jobs = [make(1, 200), make(2, 300)]
        for job in jobs:
            provider.submit(job)
        monkeypatch.setattr("endpoint.providers.mlx.batch.merge", fail)
        answers, reasons = collect(provider, jobs)
        assert answers == {}
        assert [reasons[job.id].endswith("no room for a batch") for job in jobs] == [True, True]
        assert provider.stats().cells_used == 0
        monkeypatch.undo()
        assert len(run(provider, make(3, 30))) == ANSWER
