"""The app, its endpoint, and models too big for any machine: the refusal is told, and what ran before runs again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.contract import ExitCode
from endpoint.providers.base import MemoryKind
from tests.tiny.models import write_tiny

PATIENCE_S = 60.0
SERVING = ("--no-tray", "--model", "starter", "--port", "0", "--threads", "1", "--ctx-size", "2048")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRAYPOINT_", "ABSTRACT"))}
    return {**kept, "TRAYPOINT_CONFIG_DIR": str(tmp_path / "config"), "TRAYPOINT_CACHE_DISK": "0"}


@pytest.fixture
def app(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The app without an icon, once it serves the starter model."""
    with subprocess.Popen(traypoint(*SERVING), env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Ready: ")
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def traypoint(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "tray", *words]


def ask(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(traypoint(*words), env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def write_giant(path: Path) -> None:
    """A real model's file, drawn out to eight terabytes that take no room on the disk."""
    write_tiny(MemoryKind.SLIDING_WINDOW, path)
    os.truncate(path, 1 << 43)


def test_a_model_that_cannot_fit_is_refused_and_the_one_before_serves_again(
    app: subprocess.Popen[str], env: dict[str, str], tmp_path: Path
) -> None:
    giant = tmp_path / "giant.gguf"
    write_giant(giant)
    done = ask(env, "use", str(giant))
    assert done.returncode == ExitCode.MODEL, done
    assert "giant.gguf is too big for the memory here: its weights alone take 8796.1 GB" in done.stderr
    assert "runs again" in done.stderr
    status = json.loads(ask(env, "status", "--json").stdout)
    assert (status["state"], status["model"]) == ("ready", "SmolLM2-135M-Instruct.Q4_1"), status
    assert app.poll() is None
    assert ask(env, "config", "get", "model").stdout == "starter\n"
