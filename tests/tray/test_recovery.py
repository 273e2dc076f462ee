"""What follows when an endpoint crashes or hangs, told as sequences of actions."""

from __future__ import annotations

import pytest

from endpoint.contract import ExitCode, HealthStatus
from tests.tray.story import Story, ready_story, start, start_story
from tray.actions import ChildExited, HealthReport, RetryDue, UserAction
from tray.effects import ChildEffect, Finish, ScheduleRetry
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.state import EndpointState


@pytest.fixture
def started() -> Story:
    return start_story()


@pytest.fixture
def ready() -> Story:
    return ready_story()


def test_crashes_after_ready_are_retried_with_longer_waits_then_given_up(ready: Story) -> None:
    delays = []
    for _ in range(4):
        effects = ready.crash()
        assert isinstance(effects[-1], ScheduleRetry)
        delays.append(effects[-1].delay_s)
        assert (ready.state, ready.life.app.retry_in_s) == (EndpointState.FAILED, delays[-1])
        assert ready.do(RetryDue(ready.run)) == (start(ready.run, 8100),)
        ready.do(ready.healthy())
    assert delays == [1.0, 2.0, 5.0, 10.0]
    assert ready.crash() == (ChildEffect.FORGET,)
    failure = ready.life.app.failure
    assert failure
    assert "5 crashes in a row" in failure.advice
    assert ready.life.app.retry_in_s is None


def test_headless_giving_up_ends_the_app(ready: Story) -> None:
    story = Story(Lifecycle(is_headless=True))
    story.do(UserAction.START, story.healthy())
    for number in range(5):
        story.life, _ = advance(story.life, HealthReport(number + 1, HealthStatus.HEALTHY), 0)
        effects = story.crash()
        story.do(RetryDue(story.run))
    assert effects[-1] == Finish(ExitCode.FAILURE)


def test_a_minute_of_service_clears_the_record(ready: Story) -> None:
    ready.crash()
    ready.do(RetryDue(1), ready.healthy())
    ready.do(HealthReport(2, HealthStatus.HEALTHY))
    ready.now = 61.0
    assert ready.crash()[-1] == ScheduleRetry(2, 1.0)


def test_a_restart_that_can_never_work_is_not_tried_again(ready: Story) -> None:
    ready.crash()
    ready.do(RetryDue(1))
    assert ready.do(ChildExited(2, 3, "traypoint-endpoint: error: the file is gone")) == (ChildEffect.FORGET,)
    assert ready.life.app.retry_in_s is None


def test_stop_during_the_wait_calls_the_restart_off(ready: Story) -> None:
    ready.crash()
    ready.do(UserAction.STOP)
    assert ready.state is EndpointState.STOPPED
    assert ready.do(RetryDue(1)) == ()


def test_start_during_the_wait_starts_at_once_and_the_old_retry_is_stale(ready: Story) -> None:
    ready.crash()
    assert ready.do(UserAction.START) == (start(2, 8100),)
    assert ready.do(RetryDue(1)) == ()


def test_a_wedged_engine_is_stopped_and_started_again(ready: Story) -> None:
    assert ready.do(HealthReport(1, HealthStatus.WEDGED, error="no step for 31 s")) == (ChildEffect.STOP,)
    assert ready.state is EndpointState.WEDGED
    assert ready.do(ChildExited(1, -9))[-1] == ScheduleRetry(1, 1.0)
    failure = ready.life.app.failure
    assert failure
    assert "no step for 31 s" in failure.reason


def test_a_frozen_process_is_noticed_by_its_silence(ready: Story) -> None:
    assert ready.do(HealthReport(1, None, silent_s=5.0)) == ()
    assert ready.state is EndpointState.READY
    assert ready.do(HealthReport(1, None, silent_s=21.0)) == (ChildEffect.STOP,)
    assert ready.state is EndpointState.WEDGED


def test_silence_while_loading_is_put_up_with_longer(started: Story) -> None:
    started.do(HealthReport(1, None, silent_s=60.0))
    assert started.state is EndpointState.LOADING
