"""`traypoint stop`, and the end by a signal, whatever the endpoint is doing just then. Real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.tray.cli.user import FAKE, User, new_user

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

LOG_OUT_S = 5.0
"""The promise: a log-out waits no longer."""


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with new_user(tmp_path) as made:
        yield made


def test_where_nothing_runs_that_is_said_and_zero(user: User) -> None:
    assert user.type("stop") == (0, "Traypoint doesn't run.\n", "")
    assert user.type("restart")[0] == 1


@pytest.mark.parametrize("words", [(), ("--app",)])
def test_app_and_endpoint_are_gone_when_it_says_so(user: User, words: tuple[str, ...]) -> None:
    user.start()
    app, child = user.app(), user.child()
    code, out, _ = user.type("stop", *words, "--json")
    assert (code, json.loads(out)) == (0, {"state": "stopped"})
    assert not child.is_running()
    psutil.wait_procs([app], timeout=60)
    assert not user.paths.instance_file.exists()


def test_a_restart_is_another_process_on_the_same_port(user: User) -> None:
    url, before = user.start()["base_url"], user.child().pid
    assert user.type("restart") == (0, f"Ready: {url} (model echo)\n", "")
    assert user.child().pid != before


def test_stop_ends_one_that_loads(user: User) -> None:
    start = user.open("start", *FAKE[:2], "--model", "echo,load_ms=60000", "--port", "0")
    while not user.paths.instance_file.exists():
        assert start.poll() is None
    user.wait_for_status(state="loading")
    assert user.type("stop") == (0, "Stopped.\n", "")
    assert start.communicate(timeout=60)[1].endswith("traypoint: error: it was stopped before it was ready\n")
    assert start.returncode == 1


@pytest.mark.alone
@pytest.mark.parametrize("doing", ["idle", "loading", "hanging", "draining"])
def test_sigterm_ends_all_within_five_seconds(user: User, doing: str) -> None:
    app = user.open(
        "--no-tray", "--provider", "fake", "--model", _model(doing), "--port", "0", TRAYPOINT_TEST_HOOKS="1"
    )
    _bring(user, app, doing)
    child = user.child()
    began = time.monotonic()
    app.send_signal(signal.SIGTERM)
    assert app.wait(60) == 0
    assert time.monotonic() - began < LOG_OUT_S
    assert not child.is_running()


def _model(doing: str) -> str:
    return "echo,load_ms=60000" if doing == "loading" else "echo"


def _bring(user: User, app: subprocess.Popen[str], doing: str) -> None:
    """Have it do that."""
    assert app.stdout
    if doing == "loading":
        while not user.paths.instance_file.exists():
            assert app.poll() is None
        user.wait_for_status(state="loading")
        return
    assert app.stdout.readline().startswith("Ready: ")
    if doing == "idle":
        return
    user.post("/test/wedge", {"seconds": 600})
    if doing == "draining":
        user.open("use", "--provider", "fake", "echo,load_ms=1")
        user.wait_for_status(state="stopping")
