from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import create_venv


def test_an_old_python_can_read_the_script_that_tells_it_so() -> None:
    source = Path(create_venv.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_a_python_that_is_too_old_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create_venv, "NEEDED", (99, 0))
    problem = create_venv.python_problem()
    assert problem is not None
    assert f"Python 99.0 or newer is needed, and {sys.executable} is 3." in problem
    assert "make run PYTHON=" in problem


def test_a_python_without_its_venv_part_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    assert "sudo apt install python3-venv" in (create_venv.python_problem() or "")


def test_this_python_will_do() -> None:
    assert create_venv.python_problem() is None


def test_a_newer_python_on_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert create_venv.newer_python() is None
    newer = tmp_path / ("python3.12.exe" if sys.platform == "win32" else "python3.12")
    newer.touch(mode=0o755)
    assert create_venv.newer_python() == str(newer)


def test_an_environment_works_when_its_python_starts(tmp_path: Path) -> None:
    assert create_venv.works(Path(sys.prefix))
    assert not create_venv.works(tmp_path)
