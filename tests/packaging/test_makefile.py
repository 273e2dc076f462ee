"""What `make` says, that it says it plainly when there is no Python to begin with, and what makes `make test` fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder: Path, *words: str, environment: Mapping[str, str] = os.environ) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What make needs of a fresh clone before there is an environment."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging")
    return tmp_path


def test_make_alone_lists_every_target_with_its_purpose() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony is not None
    listed = [line.split()[1] for line in make(ROOT).stdout.splitlines()]
    assert sorted(listed) == sorted(phony[1].split())


def test_a_missing_python_is_told_with_what_to_install(clone: Path) -> None:
    done = make(clone, "run", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "no-such-python is not on PATH: install Python 3.11 or newer." in done.stderr
    assert not (clone / ".venv").exists()


def test_a_python_that_is_too_old_is_told_and_nothing_is_made(clone: Path) -> None:
    old = clone / "old-python"
    script = clone / "packaging/setup/create_venv.py"
    # What the script itself does on an old Python, which is not at hand here.
    run = "import runpy, sys; sys.version_info = (3, 9, 2); "
    run += f"sys.argv = ['x', '.venv']; runpy.run_path({str(script)!r}, run_name='__main__')"
    old.write_text(f'#!/bin/sh\nPATH=/none exec "{sys.executable}" -c "{run}"\n', encoding="utf-8")
    old.chmod(0o755)
    done = make(clone, "run", f"PYTHON={old}")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr
    assert not (clone / ".venv").exists()


FAKE_PYTHON = """#!/bin/sh
case "$*" in *"--part beside"*) exit "$BESIDE";; *"--part alone"*) exit "$ALONE";; esac
"""


@pytest.fixture
def installed(clone: Path) -> Path:
    """A clone whose environment is said to be there: its tools exit as the environment variables say."""
    folder = clone / ".venv" / "bin"
    folder.mkdir(parents=True)
    tools = {"python": FAKE_PYTHON, "ruff": '#!/bin/sh\nexit "$LINT"\n', "mypy": '#!/bin/sh\nexit "$LINT"\n'}
    for name, text in tools.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    stamps = clone / ".venv" / ".stamps"
    stamps.mkdir()
    for name in ("venv", "app", "test"):
        (stamps / name).touch()
    return clone


NOTHING_PICKED = str(int(pytest.ExitCode.NO_TESTS_COLLECTED))


@pytest.mark.parametrize(
    ("beside", "alone", "lint", "passes"),
    [
        ("0", "0", "0", True),
        ("1", "0", "0", False),
        ("0", "1", "0", False),
        ("0", "0", "1", False),
        (NOTHING_PICKED, "0", "0", True),
        ("0", NOTHING_PICKED, "0", True),
        (NOTHING_PICKED, "1", "0", False),
        ("1", NOTHING_PICKED, "0", False),
        (NOTHING_PICKED, NOTHING_PICKED, "0", False),
    ],
)
def test_make_test_passes_only_if_both_parts_and_the_style_do(
    installed: Path, beside: str, alone: str, lint: str, passes: bool
) -> None:
    done = make(installed, "test", environment=os.environ | {"BESIDE": beside, "ALONE": alone, "LINT": lint})
    assert (done.returncode == 0) is passes, done.stdout + done.stderr
