"""The endpoint's life, told as sequences of actions. No processes, no clock."""

from __future__ import annotations

import pytest

from endpoint.contract import ExitCode, HealthStatus, ModelRef
from tests.tray.story import Story, ready_story, start, start_story
from tray.actions import (
    ChildBindFailed,
    ChildExited,
    ChildListening,
    HealthReport,
    Noticed,
    SpawnFailed,
    SurroundingsSeen,
    UserAction,
)
from tray.downloads.download import Download
from tray.downloads.downloads import DownloadsChanged
from tray.effects import (
    ChildEffect,
    CopyText,
    Desk,
    Finish,
    RememberModel,
    TellDownloads,
    WatchHealth,
)
from tray.lifecycle import Lifecycle
from tray.state import EndpointState
from tray.surroundings import Offer, Surroundings


@pytest.fixture
def started() -> Story:
    return start_story()


@pytest.fixture
def ready() -> Story:
    return ready_story()


def test_start_loads_then_listens_then_is_ready() -> None:
    story = Story()
    assert story.do(UserAction.START) == (start(1, 8001),)
    assert story.state is EndpointState.LOADING
    assert story.do(ChildListening(1, 8100)) == (WatchHealth(1, "127.0.0.1", 8100),)
    story.do(HealthReport(1, HealthStatus.LOADING, progress=0.4))
    assert story.life.app.progress == 0.4
    story.do(story.healthy())
    assert (story.state, story.life.app.port, story.life.app.model) == (EndpointState.READY, 8100, "m.gguf")


def test_the_page_is_told_of_downloads_and_offers_when_they_change(ready: Story) -> None:
    downloads, offers = (Download("a/b", "a/b"),), (Offer("c/d", "D · 1 GB"),)
    assert ready.do(DownloadsChanged(downloads)) == (TellDownloads(downloads, ()),)
    assert ready.do(SurroundingsSeen(Surroundings(offers=offers))) == (TellDownloads(downloads, offers),)
    assert ready.do(DownloadsChanged(downloads)) == ()
    assert ready.do(SurroundingsSeen(Surroundings(offers=offers, versions=("1",)))) == ()


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


def test_a_notice_is_gone_after_a_minute(ready: Story) -> None:
    ready.do(Noticed("Copied"))
    ready.now = 59.0
    ready.do(ready.healthy())
    assert ready.life.app.notice == "Copied"
    ready.now = 61.0
    ready.do(ready.healthy())
    assert ready.life.app.notice == ""


def test_copy_and_open_are_handed_on_and_their_outcome_is_shown(ready: Story) -> None:
    assert ready.do(UserAction.COPY_URL) == (CopyText("http://127.0.0.1:8100/v1"),)
    assert ready.do(UserAction.OPEN_LOG) == (Desk.OPEN_LOG,)
    ready.do(Noticed("Copied"))
    assert ready.life.app.notice == "Copied"
    ready.do(UserAction.STOP)
    assert ready.life.app.notice == ""
