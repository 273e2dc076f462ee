from __future__ import annotations

from endpoint.engine.admission import ANSWER_ROOM, may_start
from endpoint.providers.base import Capacity, Job, Sampling


def job(prompt: int, max_tokens: int = 10_000) -> Job:
    return Job(1, (0,) * prompt, max_tokens, Sampling())


def test_a_job_starts_when_its_prompt_and_some_answer_fit() -> None:
    assert may_start(job(100), Capacity(rows=1, cells=100 + ANSWER_ROOM), running=3)


def test_a_job_waits_when_its_prompt_would_leave_no_room_for_an_answer() -> None:
    assert not may_start(job(100), Capacity(rows=1, cells=99 + ANSWER_ROOM), running=3)


def test_a_short_answer_needs_only_its_own_room() -> None:
    assert may_start(job(100, max_tokens=5), Capacity(rows=1, cells=105), running=3)


def test_no_row_means_waiting() -> None:
    assert not may_start(job(1), Capacity(rows=0, cells=10_000), running=8)


def test_alone_a_job_always_starts() -> None:
    assert may_start(job(4000), Capacity(rows=8, cells=4001), running=0)
