from __future__ import annotations

from endpoint.engine.sharing import WORTH_WAITING, SharingPlanner, Start, Wait
from endpoint.providers.base import Job, Prefix, Reuse, RunningJob, Sampling

COMMON = tuple(range(500))


def job(number: int, *tail: int, common: int = 500) -> Job:
    return Job(number, (*COMMON[:common], *tail), 10, Sampling())


def plan(computed: int, waiting: Job, *running: Job, held: Reuse | None = None) -> Start | Wait:
    return SharingPlanner(lambda _job_id: computed, lambda _job_id: None).plan(waiting, running, held)


def test_alone_a_job_starts_with_what_is_held() -> None:
    held = Reuse(Prefix(1, COMMON), 400)
    assert plan(0, job(2, -2), held=held) == Start(held)


def test_a_job_waits_while_a_running_one_computes_its_beginning() -> None:
    assert plan(100, job(2, -2), job(1, -1)) == Wait()


def test_it_starts_when_the_running_one_has_come_near_the_end_of_what_they_share() -> None:
    assert plan(500 - WORTH_WAITING + 1, job(2, -2), job(1, -1)) == Start(Reuse(RunningJob(1), 437))
    assert plan(700, job(2, -2), job(1, -1)) == Start(Reuse(RunningJob(1), 500))


def test_the_same_prompt_leaves_one_token_to_compute() -> None:
    assert plan(501, job(2, -1), job(1, -1)) == Start(Reuse(RunningJob(1), 500))


def test_a_job_with_little_in_common_does_not_wait() -> None:
    assert plan(0, job(2, -2, common=20), job(1, -1)) == Start(None)


def test_a_held_prefix_that_reaches_as_far_spares_the_wait() -> None:
    held = Reuse(Prefix(1, COMMON), 480)
    assert plan(0, job(2, -2), job(1, -1), held=held) == Start(held)


def test_what_is_in_the_context_is_preferred_to_what_must_be_copied_back() -> None:
    held = Reuse(Prefix(1, COMMON), 500)
    assert plan(500, job(2, -2), job(1, -1), held=held) == Start(Reuse(RunningJob(1), 500))


def plan_at(depths: tuple[int, ...], computed: int, waiting: Job, *running: Job) -> Start | Wait:
    return SharingPlanner(lambda _job_id: computed, lambda _job_id: depths).plan(waiting, running, None)


def test_state_that_cannot_be_cut_is_waited_for_when_a_checkpoint_lies_in_what_is_shared() -> None:
    assert plan_at((400, 500), 100, job(2, -2), job(1, -1)) == Wait()
    assert plan_at((400, 501), 401, job(2, -2), job(1, -1)) == Start(Reuse(RunningJob(1), 400))
    assert plan_at((501,), 100, job(2, -2), job(1, -1)) == Start(None), "it comes after what is shared"
    assert plan_at((), 501, job(2, -2), job(1, -1)) == Start(None)


def test_a_checkpoint_that_leaves_one_token_before_the_last_is_not_shared() -> None:
    assert plan_at((300, 499), 501, job(2, -2), job(1, -1)) == Start(Reuse(RunningJob(1), 300))
    assert plan_at((300, 500), 501, job(2, -2), job(1, -1)) == Start(Reuse(RunningJob(1), 500))
