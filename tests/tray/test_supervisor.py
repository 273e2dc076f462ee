"""The supervisor against real processes that speak the endpoint's contract (fake_endpoint.py)."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.desktop.session import wait_until
from tests.tray.recorder import Recorder
from tray.actions import ChildBindFailed, ChildExited, ChildListening, Noticed, SpawnFailed
from tray.child import Patience, StopOutcome
from tray.downloads.wishes import Deed, Fetch
from tray.logfile import RotatingLog
from tray.spawn import Command
from tray.supervisor import StartOutcome, Supervisor

FAKE = Path(__file__).with_name("fake_endpoint.py")


class Bench:
    """A supervisor with its log and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.reports = Recorder()
        self.log = RotatingLog(folder / "endpoint.log")
        self.supervisor = Supervisor(self.log, self.reports.post, Patience(grace_s=0.3, term_s=0.3))

    def start(self, behaviour: str, run: int = 1, port: int = 0) -> StartOutcome:
        command = Command((sys.executable, str(FAKE), str(port), behaviour), os.environ)
        return self.supervisor.start(run, command, ("127.0.0.1", port))

    def start_and_listen(self, behaviour: str) -> int:
        self.start(behaviour)
        return self.reports.wait_for(ChildListening).port

    def wait_for_log(self, line: str) -> None:
        wait_until(lambda: line in self.log.path.read_text(), f"{line!r} in the log")

    def pid(self) -> int:
        child = self.supervisor._child
        assert child
        return child._process.pid


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.supervisor.close()
    made.log.close()


def test_a_started_endpoint_reports_its_port_and_a_polite_stop_ends_it_with_zero(bench: Bench) -> None:
    assert bench.start("serve") is StartOutcome.STARTED
    assert bench.reports.wait_for(ChildListening).port > 0
    assert bench.supervisor.stop() is StopOutcome.ASKED
    assert bench.reports.wait_for(ChildExited) == ChildExited(1, 0, None)


def test_a_second_start_while_one_runs_changes_nothing(bench: Bench) -> None:
    bench.start_and_listen("serve")
    assert bench.start("serve", run=2) is StartOutcome.ALREADY_RUNNING


def test_stopping_twice_says_so_and_stopping_nothing_says_so(bench: Bench) -> None:
    assert bench.supervisor.stop() is StopOutcome.NOT_RUNNING
    bench.start_and_listen("deaf")
    assert bench.supervisor.stop() is StopOutcome.ASKED
    assert bench.supervisor.stop() is StopOutcome.ALREADY_STOPPING


def test_a_crashed_child_is_reported_with_its_code_and_last_error_line(bench: Bench) -> None:
    bench.start_and_listen("serve")
    child = bench.supervisor._child
    assert child
    assert child._process.stdin
    child._process.stdin.write(b"crash\n")
    child._process.stdin.flush()
    assert bench.reports.wait_for(ChildExited) == ChildExited(1, 7, "RuntimeError: told to crash")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_child_is_reported_with_the_signal_as_a_negative_code(bench: Bench) -> None:
    bench.start_and_listen("serve")
    os.kill(bench.pid(), signal.SIGKILL)
    assert bench.reports.wait_for(ChildExited).code == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_child_deaf_to_stop_and_sigterm_is_killed_in_the_end(bench: Bench) -> None:
    bench.start_and_listen("deaf")
    bench.supervisor.stop()
    assert bench.reports.wait_for(ChildExited).code == -signal.SIGKILL
    assert "SIGTERM didn't help" in bench.log.path.read_text()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_frozen_child_is_ended_all_the_same(bench: Bench) -> None:
    bench.start_and_listen("serve")
    os.kill(bench.pid(), signal.SIGSTOP)
    frozen = psutil.Process(bench.pid())
    wait_until(lambda: frozen.status() == psutil.STATUS_STOPPED, "a frozen child")
    bench.supervisor.stop()
    assert bench.reports.wait_for(ChildExited).code == -signal.SIGKILL


def test_a_fatal_start_error_is_the_endpoints_own_error_line(bench: Bench) -> None:
    bench.start("nomodel")
    exited = bench.reports.wait_for(ChildExited)
    assert exited == ChildExited(1, 3, "traypoint-endpoint: error: no such model file: /x.gguf")


def test_a_busy_port_is_reported_with_its_holder_and_a_free_one(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        bench.start("busy", port=port)
        failed = bench.reports.wait_for(ChildBindFailed)
        assert failed.text == "Address already in use"
        assert failed.holder is not None
        assert f"(pid {os.getpid()})" in failed.holder
        assert failed.free_port is not None
        assert failed.free_port > port
    assert bench.reports.wait_for(ChildExited).code == 98


def test_a_program_that_does_not_exist_is_reported_not_raised(bench: Bench) -> None:
    command = Command(("/no/such/program",), os.environ)
    assert bench.supervisor.start(1, command, ("127.0.0.1", 0)) is StartOutcome.FAILED
    assert "No such file" in bench.reports.wait_for(SpawnFailed).text


def test_a_new_api_key_is_shown_and_kept_out_of_the_log(bench: Bench) -> None:
    bench.start("key")
    assert "tp-secret" in bench.reports.wait_for(Noticed).text
    bench.supervisor.stop()
    bench.reports.wait_for(ChildExited)
    assert "API key" in bench.log.path.read_text()
    assert "tp-secret" not in bench.log.path.read_text()


def test_a_child_that_is_told_to_drain_ends_when_it_has_answered(bench: Bench) -> None:
    bench.start_and_listen("serve")
    bench.supervisor.drain()
    assert bench.reports.wait_for(ChildExited) == ChildExited(1, 0, None)


def test_each_child_is_told_the_news_at_its_start_and_when_they_change(bench: Bench) -> None:
    bench.supervisor.inform("downloads 1")
    port = bench.start_and_listen("parrot")
    bench.wait_for_log("heard: downloads 1")
    bench.supervisor.inform("downloads 2")
    bench.wait_for_log("heard: downloads 2")
    bench.supervisor.stop()
    bench.reports.wait_for(ChildExited)
    bench.supervisor.inform("downloads 3")  # nobody is there to be told
    bench.start("parrot", run=2, port=port)
    bench.wait_for_log("heard: downloads 3")


def test_a_wish_of_the_page_is_a_click_and_what_makes_no_sense_is_only_logged(bench: Bench) -> None:
    bench.start("wishes")
    assert bench.reports.wait_for(Fetch) == Fetch(Deed.PAUSE, "acme/Tiny-GGUF:Q4_0")
    bench.supervisor.stop()
    bench.reports.wait_for(ChildExited)
    log = bench.log.path.read_text()
    assert "/etc/passwd" in log
    assert "WISH nonsense" in log


def test_a_child_that_never_reads_holds_nobody_up_and_is_ended_by_force(bench: Bench) -> None:
    bench.start_and_listen("unheeding")
    for number in range(50):  # more than a pipe holds, each of them
        bench.supervisor.inform(f"downloads {number} {'x' * 200_000}")
    bench.supervisor.drain()
    assert bench.supervisor.stop() is StopOutcome.ASKED
    assert bench.reports.wait_for(ChildExited).code == (-signal.SIGTERM if os.name != "nt" else 1)


def test_closing_waits_until_the_child_is_gone(bench: Bench) -> None:
    bench.start_and_listen("serve")
    bench.supervisor.close()
    assert bench.supervisor.stop() is StopOutcome.NOT_RUNNING


def test_a_started_endpoint_can_be_followed_by_another(bench: Bench) -> None:
    port = bench.start_and_listen("serve")
    bench.supervisor.stop()
    bench.reports.wait_for(ChildExited)
    assert bench.start("serve", run=2, port=port) is StartOutcome.STARTED
    assert bench.reports.wait_for(ChildListening) == ChildListening(2, port)
