"""The parent is killed with SIGKILL, so it can clean up nothing: the endpoint must go by itself, and free its port."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from endpoint.contract import HealthStatus
from tests.desktop.session import PATIENCE_S, Desktop, end_group, wait_until
from tray.health import Target, ask_health

FAKE = ("--provider", "fake", "--model", "echo")
STARTER = ("--provider", "llamacpp", "--model", "starter")
GONE_WITHIN_S = 1.0
pytestmark = pytest.mark.alone
posix = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX; docs/platforms.md says what Windows does")


def kill_and_measure(app: subprocess.Popen[str], port: int) -> float:
    """Seconds from SIGKILL of the app until its endpoint is gone; checks that the port can be bound then."""
    (child,) = psutil.Process(app.pid).children()
    started = time.monotonic()
    app.send_signal(signal.SIGKILL)
    wait_until(lambda: has_ended(child), "the endpoint's end", PATIENCE_S)
    took = time.monotonic() - started
    app.wait()
    with socket.create_server(("127.0.0.1", port)):
        pass
    return took


def has_ended(process: psutil.Process) -> bool:
    """Dead, or dead and not yet collected by the system's first process, which may take its time."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def start_headless(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tray", "--no-tray", "--port", "0", *arguments],
        env={**os.environ, "TRAYPOINT_CONFIG_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_port(ready_line: str) -> int:
    found = re.search(r":(\d+)/v1", ready_line)
    assert found, ready_line
    return int(found[1])


@posix
@pytest.mark.parametrize("arguments", [*[FAKE] * 3, STARTER, *[pytest.param(FAKE, marks=pytest.mark.slow_suite)] * 10])
def test_headless_the_endpoint_is_gone_within_a_second(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    app = start_headless(tmp_path, *arguments)
    assert app.stdout
    try:
        took = kill_and_measure(app, read_port(app.stdout.readline()))
    finally:
        end_group(app)
    assert took < GONE_WITHIN_S


@posix
def test_headless_a_loading_endpoint_is_gone_within_a_second_too(tmp_path: Path) -> None:
    app = start_headless(tmp_path, "--provider", "fake", "--model", "echo,load_ms=60000")
    log = tmp_path / "log" / "endpoint.log"
    try:
        line = wait_until(lambda: re.search(r"LISTEN (\d+)", log.read_text() if log.exists() else ""), "LISTEN")
        port = int(line[1])
        wait_until(lambda: ask_health(Target(1, "127.0.0.1", port)).status is HealthStatus.LOADING, "loading")
        took = kill_and_measure(app, port)
    finally:
        end_group(app)
    assert took < GONE_WITHIN_S


@pytest.mark.desktop
@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.slow_suite)])
def test_with_the_icon_it_is_gone_within_a_second_time_and_again(desktop: Desktop, rounds: int) -> None:
    desktop.start_watcher()
    times = []
    for number in range(rounds):
        arguments = FAKE if number else STARTER
        app = desktop.start([sys.executable, "-P", "-m", "tray", "--port", "0", *arguments], reads=True)
        assert app.stdout
        times.append(kill_and_measure(app, read_port(app.stdout.readline())))
    assert max(times) < GONE_WITHIN_S, times
