"""`traypoint config edit`: a copy of the settings file is edited, checked, and only then put in the file's place.

Invariants: a running app never sees a file with a mistake in it; nothing that was typed is lost; what somebody else
changed meanwhile is not overwritten.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from endpoint.contract import ExitCode
from tray.errors import DesktopError, SettingsError
from tray.inspection import Inspection, inspect_text
from tray.settings import write_atomically
from tray.template import write_template

EDITORS = ("sensible-editor", "nano", "vim", "vi")
HINT = "set VISUAL or EDITOR to one (export EDITOR=nano)"


def edit_settings(path: Path, env: Mapping[str, str], answers: TextIO, err: TextIO) -> int:
    """Edit, check and save. Raises DesktopError (no editor, or it failed), SettingsError (a mistake that stays)."""
    editor = choose_editor(env, is_terminal=answers.isatty())
    before = _read(path)
    draft = path.with_name(f"{path.stem}.draft{path.suffix}")
    if draft.exists():
        _say(err, f"going on with {draft}, which was kept the last time")
    else:
        write_atomically(draft, before or write_template())
    while True:
        _run_editor([*editor, str(draft)])
        text = _read(draft)
        found = inspect_text(text)
        _tell(found, path, err)
        if not found.mistakes:
            break
        if not _wants_again(answers, err):
            raise SettingsError(f"{path} is as it was; what you wrote is kept in {draft}")
    _replace(path, before, draft, text)
    _say(err, f"{path} " + ("is as it was" if text == before else "is saved; a running Traypoint takes it up"))
    return ExitCode.OK


def choose_editor(env: Mapping[str, str], *, is_terminal: bool, platform: str = sys.platform) -> list[str]:
    """The command that edits a file whose path follows. Raises DesktopError where there is none."""
    wish = env.get("VISUAL") or env.get("EDITOR")
    if wish:
        return shlex.split(wish, posix=platform != "win32")
    if not is_terminal:
        raise DesktopError(f"There is no terminal to edit in: {HINT}, or use `traypoint config set`.")
    known = ("notepad",) if platform == "win32" else EDITORS
    found = next((name for name in known if shutil.which(name, path=env.get("PATH"))), None)
    if found is None:
        raise DesktopError(f"No editor found ({', '.join(known)}): {HINT}.")
    return [found]


def _run_editor(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise DesktopError(f"{command[0]} can't be started ({error.strerror or error}): {HINT}.") from error
    if done.returncode:
        raise DesktopError(f"{command[0]} ended with code {done.returncode}; the settings are as they were.")


def _replace(path: Path, before: str, draft: Path, text: str) -> None:
    if _read(path) != before:
        raise SettingsError(f"{path} was changed by another program meanwhile; what you wrote is kept in {draft}")
    if text != before:
        write_atomically(path, text)
    draft.unlink(missing_ok=True)


def _read(path: Path) -> str:
    """The file's text; empty where there is none. Raises SettingsError."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from error


def _tell(found: Inspection, path: Path, err: TextIO) -> None:
    """Each mistake, with the line that it is on; then what is not known."""
    for mistake in found.mistakes:
        _say(err, str(mistake))
        if mistake.text:
            print(f"  {mistake.line} | {mistake.text}", file=err)
    for name in found.unknown:
        _say(err, f"{path}: unknown key {name}, ignored")


def _wants_again(answers: TextIO, err: TextIO) -> bool:
    """Whether to go back to the editor; where nobody can answer, no."""
    if not answers.isatty():
        return False
    print("Edit again? [Y/n] ", end="", file=err, flush=True)
    answer = answers.readline()
    return bool(answer) and answer.strip().lower() in ("", "y", "yes")


def _say(err: TextIO, line: str) -> None:
    print(f"traypoint: {line}", file=err, flush=True)
