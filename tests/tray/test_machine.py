"""The endpoint's life, told as sequences of actions. No processes, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from endpoint.contract import ExitCode, HealthStatus, ModelRef
from tray.actions import (
    ChildBindFailed,
    ChildExited,
    ChildListening,
    Click,
    HealthReport,
    Noticed,
    Report,
    RetryDue,
    SpawnFailed,
    UserAction,
)
from tray.effects import (
    ChildEffect,
    CopyText,
    Desk,
    Effect,
    Finish,
    RememberModel,
    ScheduleRetry,
    StartChild,
    WatchHealth,
)
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.state import EndpointState


@dataclass
class Story:
    """A lifecycle that actions happen to."""

    life: Lifecycle = field(default_factory=Lifecycle)
    now: float = 0.0

    def do(self, *actions: Click | Report) -> tuple[Effect, ...]:
        effects: tuple[Effect, ...] = ()
        for action in actions:
            self.life, effects = advance(self.life, action, self.now)
        return effects

    @property
    def state(self) -> EndpointState:
        return self.life.app.endpoint

    @property
    def run(self) -> int:
        return self.life.run

    def healthy(self, active: int = 0, queued: int = 0) -> HealthReport:
        return HealthReport(self.run, HealthStatus.HEALTHY, model="m.gguf", active=active, queued=queued)

    def crash(self) -> tuple[Effect, ...]:
        return self.do(ChildExited(self.run, -11))


def start(run: int, port: int) -> StartChild:
    """The effect that starts what is asked for by nobody: all defaults."""
    return StartChild(run, replace(Lifecycle().places.options, port=port))


@pytest.fixture
def started() -> Story:
    story = Story()
    story.do(UserAction.START, ChildListening(1, 8100))
    return story


@pytest.fixture
def ready(started: Story) -> Story:
    started.do(started.healthy())
    return started


def test_start_loads_then_listens_then_is_ready() -> None:
    story = Story()
    assert story.do(UserAction.START) == (start(1, 8001),)
    assert story.state is EndpointState.LOADING
    assert story.do(ChildListening(1, 8100)) == (WatchHealth(1, "127.0.0.1", 8100),)
    story.do(HealthReport(1, HealthStatus.LOADING, progress=0.4))
    assert story.life.app.progress == 0.4
    story.do(story.healthy())
    assert (story.state, story.life.app.port, story.life.app.model) == (EndpointState.READY, 8100, "m.gguf")


def test_a_model_that_is_ready_is_remembered_once(started: Story) -> None:
    assert started.do(started.healthy()) == (RememberModel(ModelRef()),)
    assert started.do(started.healthy(active=1)) == ()


def test_work_in_progress_makes_it_busy_and_its_end_ready_again(ready: Story) -> None:
    ready.do(ready.healthy(active=2, queued=1))
    assert ready.state is EndpointState.BUSY
    ready.do(ready.healthy())
    assert ready.state is EndpointState.READY


def test_start_while_it_runs_does_nothing(ready: Story) -> None:
    assert ready.do(UserAction.START) == ()
    assert ready.state is EndpointState.READY


def test_stop_stops_and_the_exit_is_no_failure(ready: Story) -> None:
    assert ready.do(UserAction.STOP) == (ChildEffect.STOP,)
    assert ready.state is EndpointState.STOPPING
    assert ready.do(ChildExited(1, 0)) == (ChildEffect.FORGET,)
    assert (ready.state, ready.life.app.failure) == (EndpointState.STOPPED, None)


def test_a_stop_that_needed_force_is_no_failure_either(ready: Story) -> None:
    ready.do(UserAction.STOP, ChildExited(1, -9))
    assert ready.state is EndpointState.STOPPED


def test_stop_while_loading_works(started: Story) -> None:
    started.do(UserAction.STOP, ChildExited(1, 0))
    assert started.state is EndpointState.STOPPED


def test_health_that_comes_after_stop_is_not_believed(ready: Story) -> None:
    ready.do(UserAction.STOP, ready.healthy())
    assert ready.state is EndpointState.STOPPING


def test_start_while_stopping_starts_once_the_old_one_is_gone(ready: Story) -> None:
    assert ready.do(UserAction.STOP, UserAction.START) == ()
    assert ready.do(ChildExited(1, 0)) == (ChildEffect.FORGET, start(2, 8100))


def test_restart_stops_and_starts_on_the_same_port(ready: Story) -> None:
    assert ready.do(UserAction.RESTART) == (ChildEffect.STOP,)
    assert ready.do(ChildExited(1, 0)) == (ChildEffect.FORGET, start(2, 8100))


def test_reports_about_an_earlier_child_are_dropped(ready: Story) -> None:
    ready.do(UserAction.RESTART, ChildExited(1, 0))
    ready.do(HealthReport(1, HealthStatus.HEALTHY), ChildExited(1, -9))
    assert ready.state is EndpointState.LOADING


def test_quit_while_stopped_finishes_at_once() -> None:
    assert Story().do(UserAction.QUIT) == (Finish(ExitCode.OK),)


def test_quit_while_running_stops_first(ready: Story) -> None:
    assert ready.do(UserAction.QUIT) == (ChildEffect.STOP,)
    assert ready.do(ChildExited(1, 0)) == (ChildEffect.FORGET, Finish(ExitCode.OK))


def test_quit_twice_kills(ready: Story) -> None:
    assert ready.do(UserAction.QUIT, UserAction.QUIT) == (ChildEffect.KILL,)


def test_the_end_of_the_session_hurries_and_asked_again_kills(ready: Story) -> None:
    assert ready.do(UserAction.END) == (ChildEffect.HURRY,)
    assert ready.do(UserAction.END) == (ChildEffect.KILL,)
    assert ready.do(ChildExited(1, -9))[-1] == Finish(ExitCode.OK)


def test_the_end_of_the_session_hurries_a_quit_that_takes_its_time(ready: Story) -> None:
    ready.do(UserAction.QUIT)
    assert ready.do(UserAction.END) == (ChildEffect.HURRY,)


def test_no_click_can_undo_quit(ready: Story) -> None:
    assert ready.do(UserAction.QUIT, UserAction.START) == ()
    assert ready.do(ChildExited(1, 0))[-1] == Finish(ExitCode.OK)


def test_quit_right_after_a_start_that_could_not_spawn_still_finishes() -> None:
    story = Story()
    assert story.do(UserAction.START, UserAction.QUIT, SpawnFailed(1, "no python"))[-1] == Finish(ExitCode.OK)


def test_a_failed_first_start_is_final_and_keeps_the_endpoints_words() -> None:
    story = Story()
    effects = story.do(UserAction.START, ChildExited(1, 3, "traypoint-endpoint: error: no such file: /x"))
    assert effects == (ChildEffect.FORGET,)
    failure = story.life.app.failure
    assert failure
    assert (story.state, failure.reason, failure.exit_code) == (EndpointState.FAILED, "no such file: /x", 3)


def test_headless_a_failed_start_ends_the_app_with_its_code() -> None:
    story = Story(Lifecycle(is_headless=True))
    assert story.do(UserAction.START, ChildExited(1, 4, "traypoint-endpoint: error: no such provider"))[-1] == Finish(4)


def test_a_busy_port_is_explained_with_a_free_one() -> None:
    story = Story(Lifecycle(is_headless=True))
    effects = story.do(UserAction.START, ChildBindFailed(1, "in use", True, "nginx (pid 7)", 8002), ChildExited(1, 98))
    failure = story.life.app.failure
    assert failure
    assert failure.reason == "Port 8001 on 127.0.0.1 is in use by nginx (pid 7)."
    assert "--port 8002 is free" in failure.advice
    assert effects[-1] == Finish(ExitCode.BIND)


def test_an_address_that_is_not_ours_is_told_in_the_endpoints_words() -> None:
    story = Story()
    story.do(UserAction.START, ChildBindFailed(1, "192.0.2.1 is not ours."), ChildExited(1, 98))
    failure = story.life.app.failure
    assert failure
    assert (failure.reason, failure.advice, failure.exit_code) == ("192.0.2.1 is not ours.", "", ExitCode.BIND)


def test_a_failed_load_is_told_and_the_lingering_child_is_stopped(started: Story) -> None:
    assert started.do(HealthReport(1, HealthStatus.FAILED, error="truncated")) == (ChildEffect.STOP,)
    assert started.state is EndpointState.FAILED
    started.do(ChildExited(1, 3, "traypoint-endpoint: error: truncated"))
    failure = started.life.app.failure
    assert failure
    assert (failure.reason, failure.exit_code) == ("truncated", ExitCode.MODEL)
    assert started.life.app.retry_in_s is None


def test_start_while_a_failed_child_still_lingers_waits_for_its_end(started: Story) -> None:
    started.do(HealthReport(1, HealthStatus.FAILED, error="truncated"), UserAction.START)
    assert started.do(ChildExited(1, 3))[-1] == start(2, 8100)


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


def test_copy_and_open_are_handed_on_and_their_outcome_is_shown(ready: Story) -> None:
    assert ready.do(UserAction.COPY_URL) == (CopyText("http://127.0.0.1:8100/v1"),)
    assert ready.do(UserAction.OPEN_LOG) == (Desk.OPEN_LOG,)
    ready.do(Noticed("Copied"))
    assert ready.life.app.notice == "Copied"
    ready.do(UserAction.STOP)
    assert ready.life.app.notice == ""
