from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from endpoint.contract import ExitCode
from tray.state import AppState, EndpointState, Failure
from tray.terminal import TerminalView

STOPPED = AppState()
LOADING = replace(STOPPED, endpoint=EndpointState.LOADING)
READY = replace(STOPPED, endpoint=EndpointState.READY, model="m.gguf")
FAILED = replace(
    STOPPED, endpoint=EndpointState.FAILED, failure=Failure("no such model: /x", "Give a path.", ExitCode.MODEL)
)


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def play(*states: AppState, err: io.StringIO | None = None) -> tuple[str, str]:
    """What the view prints for these states, on stdout and stderr."""
    out, err = io.StringIO(), err or io.StringIO()
    view = TerminalView(out, err, Path("/log/endpoint.log"))
    for state in states:
        view.show(state)
    view.close()
    return out.getvalue(), err.getvalue()


def test_ready_prints_the_base_url_once_on_stdout() -> None:
    busy = replace(READY, endpoint=EndpointState.BUSY)
    out, err = play(STOPPED, LOADING, READY, busy, READY)
    assert out == "Ready: http://127.0.0.1:8001/v1 (model m)\n"
    assert err == ""


def test_ready_again_after_a_restart_is_told_again() -> None:
    out, _ = play(READY, LOADING, READY)
    assert out.count("Ready:") == 2


def test_progress_is_one_line_on_a_terminal_and_is_wiped_when_ready() -> None:
    out, err = play(LOADING, replace(LOADING, progress=0.4), READY, err=Tty())
    assert "Loading starter… 40%" in err
    assert "\n" not in err
    assert err.endswith("\r\x1b[K")
    assert out.startswith("Ready: ")


def test_a_failed_start_is_one_line_on_stderr() -> None:
    out, err = play(LOADING, FAILED)
    assert (out, err) == ("", "traypoint: error: no such model: /x. Give a path.\n")


def test_a_crash_names_the_log_and_the_wait_and_giving_up_is_told_too() -> None:
    crash = replace(FAILED, failure=Failure("The endpoint was ended by SIGKILL."))
    _, err = play(READY, replace(crash, retry_in_s=2.0), LOADING, crash)
    assert err.splitlines() == [
        "traypoint: The endpoint was ended by SIGKILL. Starting again in 2 s. Log: /log/endpoint.log",
        "traypoint: error: The endpoint was ended by SIGKILL. Log: /log/endpoint.log",
    ]


def test_a_wedged_endpoint_is_told() -> None:
    _, err = play(READY, replace(FAILED, endpoint=EndpointState.WEDGED, failure=Failure("The endpoint hangs: x")))
    assert err == "traypoint: The endpoint hangs: x\n"


def test_a_notice_is_printed_once() -> None:
    noticed = replace(READY, notice="API key for callers from other machines: tp-1")
    _, err = play(noticed, replace(noticed, active=1))
    assert err == "traypoint: API key for callers from other machines: tp-1\n"


def test_stopping_is_mentioned_only_where_somebody_looks() -> None:
    stopping = replace(STOPPED, endpoint=EndpointState.STOPPING)
    assert play(READY, stopping, STOPPED)[1] == ""
    assert "Stopping" in play(READY, stopping, STOPPED, err=Tty())[1]
