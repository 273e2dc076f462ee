"""What to start at login: the same program that runs now, by a path that will still be there. Pure."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Command = tuple[str, ...]
"""A program's absolute path and its arguments."""

MODULE = ("-P", "-m", "tray")
TAILS = (("run",), (*MODULE, "run"))
"""The arguments that `find_command` gives a program. Others were written by the user."""


def find_command(
    argv0: str, env: Mapping[str, str], platform: str = sys.platform, executable: str = sys.executable
) -> Command:
    """The command that starts this app again. `argv0`: sys.argv[0].

    A bundle is its own binary; an AppImage the file that it was unpacked from; on POSIX the script `traypoint` is used
    where it was; else the interpreter, on Windows the one without a console window.
    """
    if getattr(sys, "frozen", False):
        return (env.get("APPIMAGE") or executable, "run")
    if platform == "win32":
        return (_without_console(executable), *MODULE, "run")
    script = Path(argv0).absolute()
    if script.name == "traypoint" and script.is_file():
        return (str(script), "run")
    return (executable, *MODULE, "run")


def is_ours(words: Sequence[str]) -> bool:
    """Whether a command found at the system is one that we wrote, perhaps for another place of installation."""
    return tuple(words[1:]) in TAILS


def can_run(words: Sequence[str], search_path: str | None = None) -> bool:
    """Whether the program of a command is there. `search_path`: as PATH, for one without a folder."""
    return bool(words) and shutil.which(words[0], path=search_path) is not None


def choose_command(found: Sequence[str], wanted: Command, search_path: str | None = None) -> Command:
    """The command to write: the one that is there when the user has written it and it still works; else `wanted`."""
    return wanted if is_ours(found) or not can_run(found, search_path) else tuple(found)


def _without_console(executable: str) -> str:
    windowed = Path(executable).with_name("pythonw.exe")
    return str(windowed) if windowed.is_file() else executable
