"""`traypoint pull` as a person in a terminal and a program see it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn
from tests.tray.cli.hub_home import make_user, traypoint

NAME, FILE = "owner/model-GGUF", "model-Q4_K_M.gguf"
TOKEN = "hf_secretsecretsecret"


@pytest.fixture
def hub() -> Iterator[StandIn]:
    files = {FILE: make_bytes(2_000_000), "model-Q8_0.gguf": make_bytes(3_000_000, 2), "README.md": b"hello"}
    with StandIn(Repo(NAME, files)) as hub:
        yield hub


def test_the_place_goes_to_standard_output_and_all_else_to_standard_error(hub: StandIn, tmp_path: Path) -> None:
    done = traypoint(hub, tmp_path, "pull", NAME)
    assert done.returncode == 0
    assert Path(done.stdout.strip()).read_bytes() == hub.repos[NAME].files[FILE]
    assert "2 quantisations: taking Q4_K_M. Others: Q8_0" in done.stderr


def test_programs_get_a_line_of_json_for_each_change_and_the_outcome_last(hub: StandIn, tmp_path: Path) -> None:
    done = traypoint(hub, tmp_path, "pull", f"{NAME}:q8_0", "--json", more={"HF_TOKEN": TOKEN})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["state"] == "running"
    assert lines[-1]["state"] == "done"
    assert lines[-1]["ref"]["model"].endswith("model-Q8_0.gguf")
    assert lines[-1]["done_bytes"] == 3_000_000
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("wanted", "code", "told"),
    [
        ("nonsense", 2, "OWNER/NAME"),
        ("--x", 2, "OWNER/NAME"),
        ("owner/other", 3, "no repository owner/other"),
        (f"{NAME}:Q2_K", 3, "has no Q2_K. It has Q4_K_M"),
    ],
)
def test_a_failure_has_its_exit_code_and_says_what_there_is(
    hub: StandIn, tmp_path: Path, wanted: str, code: int, told: str
) -> None:
    done = traypoint(hub, tmp_path, "pull", "--", wanted)
    assert done.returncode == code
    assert told in done.stderr
    assert not done.stdout


def test_ctrl_c_pauses_and_says_how_to_go_on(hub: StandIn, tmp_path: Path) -> None:
    hub.rate = 400_000
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tray", "pull", NAME],
        env=make_user(hub, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert hub.ledger.wait_for(300_000)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"to go on: traypoint pull {NAME}" in said
    hub.rate = 0
    assert traypoint(hub, tmp_path, "pull", NAME).returncode == 0
    assert hub.ledger.content < 2_200_000


class Tmux:
    """A terminal of 80 columns in which a command runs."""

    def __init__(self, socket: Path) -> None:
        self._base = ["tmux", "-S", str(socket)]

    def start(self, command: list[str], env: dict[str, str]) -> None:
        flags = [flag for name, value in env.items() for flag in ("-e", f"{name}={value}")]
        size = ["-x", "80", "-y", "12"]
        self._run("-f", os.devnull, "new-session", "-d", *size, *flags, f"{' '.join(command)}; sleep 60")

    def show(self) -> list[str]:
        """The screen's lines."""
        return self._run("capture-pane", "-p").splitlines()

    def stop(self) -> None:
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._base, *words], capture_output=True, text=True, check=False).stdout


@pytest.mark.alone
@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_on_a_terminal_one_line_of_80_columns_is_drawn_over_itself(hub: StandIn, tmp_path: Path) -> None:
    hub.rate = 500_000
    tmux = Tmux(tmp_path / "tmux")
    env = {**make_user(hub, tmp_path), "LANG": "C.UTF-8"}
    kept = {
        name: value for name, value in env.items() if name.startswith(("HF_", "HOME", "PYTHON", "TRAYPOINT", "LANG"))
    }
    tmux.start([sys.executable, "-P", "-m", "tray", "pull", f"{NAME}:Q4_K_M"], kept)
    try:
        bars = watch(tmux, until="snapshots")
    finally:
        tmux.stop()
    assert len(bars) > 3, "too few different bars"
    assert all(bar.startswith(FILE[:5]) and len(bar) <= 80 for bar in bars), bars
    shares = [int(bar.split("%")[0].split()[-1]) for bar in bars]
    assert shares == sorted(shares)
    assert any("kB/s" in bar and " left" in bar and "█" in bar and " of 2.0 MB" in bar for bar in bars)


def watch(tmux: Tmux, until: str) -> list[str]:
    """Each different bar that is seen. There is never more than one on the screen."""
    bars: list[str] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = tmux.show()
        seen = [line.rstrip() for line in lines if "%" in line]
        assert len(seen) <= 1, seen
        bars += [bar for bar in seen if bar not in bars[-1:]]
        if any(until in line for line in lines):
            return bars
        time.sleep(0.05)  # a screen can only be looked at again
    pytest.fail(f"the download didn't end: {tmux.show()}")
