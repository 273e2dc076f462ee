"""What is told, by states alone; and that whole lives of the endpoint, as the state machine lives them, tell each event
once.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import ExitCode, HealthStatus
from tray.actions import ChildExited, ChildListening, Click, HealthReport, Report, RetryDue, UserAction
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.notifications import MAX_TEXT, MAX_TITLE, Note, tell
from tray.state import AppState, EndpointState, Failure

LOADING = AppState(endpoint=EndpointState.LOADING)
READY = AppState(endpoint=EndpointState.READY, model="small.gguf")
FAILED = AppState(endpoint=EndpointState.FAILED, failure=Failure("It broke.", "Mend it."))


class Life:
    """An endpoint's life, and what was told of it."""

    def __init__(self) -> None:
        self._life = Lifecycle()
        self._now = 0.0
        self.told: list[str] = []

    def do(self, *actions: Click | Report) -> None:
        for action in actions:
            before = self._life.app
            self._life, _ = advance(self._life, action, self._now)
            note = tell(before, self._life.app)
            if note:
                self.told.append(note.title)

    def start(self) -> None:
        self.do(UserAction.START, ChildListening(self.run, 8001), HealthReport(self.run, HealthStatus.LOADING))

    def report(self, status: HealthStatus, active: int = 0) -> None:
        self.do(HealthReport(self.run, status, model="small.gguf", active=active, error="out of cells"))

    def exit(self, code: int) -> None:
        self.do(ChildExited(self.run, code))

    @property
    def run(self) -> int:
        return self._life.run


@pytest.fixture
def serving() -> Life:
    life = Life()
    life.start()
    life.report(HealthStatus.HEALTHY)
    assert life.told == ["Traypoint is ready"]
    life.told.clear()
    return life


def test_a_load_that_ends_well_is_told_with_the_base_url() -> None:
    assert tell(LOADING, READY) == Note("Traypoint is ready", "small · llama.cpp\nhttp://127.0.0.1:8001/v1")
    assert tell(LOADING, replace(READY, endpoint=EndpointState.BUSY)) is not None


def test_a_failed_start_is_told_with_what_to_do() -> None:
    assert tell(LOADING, FAILED) == Note("Traypoint could not start", "It broke. Mend it.")


def test_a_crash_is_told_with_the_restart_to_come() -> None:
    note = tell(READY, replace(FAILED, failure=Failure("It crashed"), retry_in_s=2.0))
    assert note == Note("Traypoint's endpoint crashed", "It crashed. It is started again in 2 s.")


def test_a_failure_without_a_reason_points_to_the_log() -> None:
    note = tell(LOADING, replace(FAILED, failure=None))
    assert note is not None
    assert "the log may tell" in note.text


def test_work_that_comes_and_goes_is_not_told(serving: Life) -> None:
    for active in (1, 0, 2, 0):
        serving.report(HealthStatus.HEALTHY, active)
    assert serving.told == []


def test_what_the_user_does_is_not_told(serving: Life) -> None:
    serving.do(UserAction.COPY_URL, UserAction.STOP, ChildExited(1, 0), UserAction.QUIT)
    assert serving.told == []


def test_a_crash_is_told_once_and_the_restart_when_it_is_ready(serving: Life) -> None:
    serving.exit(-11)
    serving.do(RetryDue(1))
    assert serving.told == ["Traypoint's endpoint crashed"]
    serving.report(HealthStatus.HEALTHY)
    serving.report(HealthStatus.HEALTHY)
    assert serving.told == ["Traypoint's endpoint crashed", "Traypoint is ready"]


def test_a_hang_is_told_when_it_begins_and_not_when_the_process_has_gone(serving: Life) -> None:
    serving.report(HealthStatus.WEDGED)
    serving.report(HealthStatus.WEDGED)
    serving.exit(-9)
    assert serving.told == ["Traypoint hangs"]


def test_a_failure_that_the_endpoint_reports_is_told_once(serving: Life) -> None:
    serving.report(HealthStatus.FAILED)
    serving.exit(1)
    assert serving.told == ["Traypoint has failed"]


def test_a_load_that_hangs_is_told_and_so_is_that_it_is_given_up() -> None:
    life = Life()
    life.start()
    life.report(HealthStatus.WEDGED)
    life.exit(-9)
    assert life.told == ["Traypoint hangs", "Traypoint has failed"]


def test_a_load_that_fails_is_told_once() -> None:
    life = Life()
    life.start()
    life.report(HealthStatus.FAILED)
    life.exit(ExitCode.MODEL)
    assert life.told == ["Traypoint could not start"]


def test_crashes_in_a_row_are_told_one_by_one_until_it_is_given_up(serving: Life) -> None:
    for _ in range(5):
        serving.exit(-11)
        serving.do(RetryDue(serving.run))
    assert serving.told == 4 * ["Traypoint's endpoint crashed"] + ["Traypoint could not start"]


def test_coming_back_to_the_model_before_names_both() -> None:
    reverted = Failure("big can't be used: There is too little memory.", "Try a smaller one.")
    loading = AppState(endpoint=EndpointState.LOADING, model="small", reverted=reverted)
    note = tell(loading, replace(loading, endpoint=EndpointState.READY))
    assert note is not None
    assert note.title == "Traypoint is back with small"
    assert note.text == "big can't be used: There is too little memory. Try a smaller one."


def test_a_long_reason_is_cut_so_that_windows_takes_the_note_and_the_advice_stays() -> None:
    note = tell(LOADING, replace(FAILED, failure=Failure("x" * 1000, "Mend it.")))
    assert note is not None
    assert len(note.text) <= MAX_TEXT
    assert note.text.endswith("x… Mend it.")
    back = tell(LOADING, replace(READY, model="t" * 100, reverted=Failure("It broke.")))
    assert back is not None
    assert len(back.title) == MAX_TITLE


def test_a_reason_of_several_lines_becomes_one_line() -> None:
    note = tell(LOADING, replace(FAILED, failure=Failure("a\n  b", "")))
    assert note == Note("Traypoint could not start", "a b")
