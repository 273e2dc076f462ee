"""`traypoint logs`, as a process where signals and pipes matter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tray.cli.environment import clear_environment
from tray.__main__ import main

COMMAND = (sys.executable, "-P", "-m", "tray", "logs")


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch, tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log" / "endpoint.log"


def test_the_last_lines_are_printed(log: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    log.write_bytes(b"".join(b"line %d \xff\n" % number for number in range(100)))
    assert main(["logs", "-n", "2"]) == 0
    assert capfdbinary.readouterr().out == b"line 98 \xff\nline 99 \xff\n"
    assert main(["logs"]) == 0
    assert capfdbinary.readouterr().out.count(b"\n") == 50


def test_without_a_log_it_says_so_on_standard_error_and_ends_with_zero(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["logs"]) == 0
    assert capfd.readouterr() == (
        "",
        f"traypoint: nothing has been logged yet ({tmp_path / 'log' / 'endpoint.log'})\n",
    )


def test_the_path_is_told_whether_the_log_is_there_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'log' / 'endpoint.log'}\n"


def test_a_log_that_cannot_be_read_is_one_line(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.mkdir()
    assert main(["logs"]) == 1
    assert capsys.readouterr().err.startswith(f"traypoint: error: {log}: can't be read: ")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_it_follows_the_log_until_interrupted(log: Path) -> None:
    log.write_text("first\n")
    with subprocess.Popen([*COMMAND, "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "first\n"
        log.rename(log.with_name("endpoint.log.1"))
        log.write_text("second\n")
        assert process.stdout.readline() == "second\n"
        process.send_signal(signal.SIGINT)
        assert (process.wait(30), process.stdout.read(), process.stderr and process.stderr.read()) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_has_enough_ends_it_quietly(log: Path) -> None:
    log.write_text("x" * 1000 + "\n")
    log.write_text("".join(f"line {number}\n" for number in range(100_000)))
    with subprocess.Popen([*COMMAND, "-n", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait(30)) == (b"", 0)
