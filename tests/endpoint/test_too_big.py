"""A process that may take only so much memory: what doesn't fit is refused in a line, and what is said to fit does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from endpoint.contract import ExitCode
from endpoint.providers.base import MemoryKind
from tests.endpoint.process import DEADLINE_S, clean_environment, command
from tests.limited import limited
from tests.tiny.mlx_models import write_tiny_mlx

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resource limits that hold")
LEAST = ("--port", "0", "--threads", "1", "--parallel", "1", "--cache-ram", "0", "--failed-linger", "0")
STARTER = ("--model", "starter", *LEAST)


def start(config_dir: Path, mebibytes: int, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        limited(command(*arguments), mebibytes),
        env=clean_environment(config_dir),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_to_end(config_dir: Path, mebibytes: int, *arguments: str) -> tuple[int, str]:
    with start(config_dir, mebibytes, *arguments) as process:
        _, err = process.communicate(timeout=DEADLINE_S)
        return process.returncode, err


def read_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    return lines[1]


def test_a_context_that_does_not_fit_is_refused_and_the_longest_that_is_told_does_fit(tmp_path: Path) -> None:
    code, err = run_to_end(tmp_path, 450, *STARTER, "--ctx-size", "50000")
    assert code == ExitCode.MODEL
    [line] = err.splitlines()
    assert "for a context of 50,000 tokens" in line
    told = re.search(r"--ctx-size: up to ([\d,]+) tokens fit", line)
    assert told is not None, line
    largest = int(told[1].replace(",", ""))
    assert 2048 <= largest < 8192
    with start(tmp_path, 450, *STARTER, "--ctx-size", str(largest)) as process:
        assert read_ready(process).endswith(f"context {largest} tokens)\n")
        process.kill()


def test_the_context_is_as_long_as_fits_when_nobody_names_one(tmp_path: Path) -> None:
    with start(tmp_path, 450, *STARTER) as process:
        context = re.search(r"context (\d+) tokens", read_ready(process))
        process.kill()
    assert context is not None
    assert 2048 <= int(context[1]) < 8192


def test_weights_that_do_not_fit_are_refused_before_they_are_read(tmp_path: Path) -> None:
    code, err = run_to_end(tmp_path, 200, *STARTER)
    assert code == ExitCode.MODEL
    assert "its weights alone take 98 MB" in err
    assert len(err.splitlines()) == 1


def test_with_force_the_library_has_the_last_word_and_the_process_still_ends_in_order(tmp_path: Path) -> None:
    code, err = run_to_end(tmp_path, 450, *STARTER, "--ctx-size", "50000", "--force")
    assert code == ExitCode.MODEL
    assert "llama.cpp can't open a context of 50000 tokens" in err


def test_mlx_refuses_alike(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    write_tiny_mlx(MemoryKind.ATTENTION, model)
    arguments = ("--provider", "mlx", "--model", str(model), *LEAST, "--ctx-size", "2000000000")
    code, err = run_to_end(tmp_path, 2000, *arguments)
    assert code == ExitCode.MODEL
    assert "for a context of 2,000,000,000 tokens" in err
