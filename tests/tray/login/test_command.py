from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tray.login.command import choose_command, find_command


def test_the_script_that_was_used_is_used_again(tmp_path: Path) -> None:
    script = tmp_path / "traypoint"
    script.touch()
    assert find_command(str(script), {}, "linux", "/usr/bin/python3") == (str(script), "run")


def test_a_module_is_started_as_a_module_again(tmp_path: Path) -> None:
    argv0 = str(tmp_path / "tray" / "__main__.py")
    assert find_command(argv0, {}, "darwin", "/venv/bin/python") == ("/venv/bin/python", "-P", "-m", "tray", "run")


def test_windows_gets_the_interpreter_without_a_console_where_there_is_one(tmp_path: Path) -> None:
    python = tmp_path / "python.exe"
    assert find_command("traypoint", {}, "win32", str(python))[0] == str(python)
    (tmp_path / "pythonw.exe").touch()
    assert find_command("traypoint", {}, "win32", str(python)) == (
        str(tmp_path / "pythonw.exe"),
        "-P",
        "-m",
        "tray",
        "run",
    )


@pytest.mark.parametrize(
    ("env", "program"),
    [({}, "/opt/Traypoint/traypoint"), ({"APPIMAGE": "/home/a/Tray.AppImage"}, "/home/a/Tray.AppImage")],
)
def test_a_bundle_is_its_own_program(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], program: str) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert find_command("x", env, "linux", "/opt/Traypoint/traypoint") == (program, "run")


def test_a_users_command_is_kept_while_its_program_is_there() -> None:
    wanted = ("/new/traypoint", "run")
    own = (sys.executable, "-m", "something")
    assert choose_command(own, wanted) == own
    assert choose_command(("/nowhere/program", "x"), wanted) == wanted
    assert choose_command((sys.executable, "run"), wanted) == wanted
    assert choose_command((), wanted) == wanted
