"""Asks the user for a model, or a chat template, on disk, with the desktop's own dialog.

Blocks for as long as the user takes: a worker thread's. The dialog's process has a pipe of ours as its standard input,
and tray/choosing.py ends with it, so that no dialog outlives the tray.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tray.console import hide_console
from tray.dialogs import QUESTIONS, TEMPLATE, Question, Tool, list_tools, model_of
from tray.errors import DesktopError

HINT = "No file dialog found: install python3-gi with gir1.2-gtk-3.0, zenity or kdialog, or use `traypoint config set`."


class _Unable(Exception):
    """A tool that can't show its dialog; another one may. The text says why."""


def choose_model(
    provider: str | None, env: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Path | None:
    """The file or folder that the user chose, absolute; None: cancelled. `provider` limits what is offered.

    Raises DesktopError, which says what is missing, when no dialog can be shown.
    """
    chosen = _choose(QUESTIONS.get(provider, QUESTIONS[None]), env, platform)
    return None if chosen is None else model_of(chosen)


def choose_template(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """The same for a file with a chat template."""
    return _choose(TEMPLATE, env, platform)


def _choose(question: Question, env: Mapping[str, str], platform: str) -> Path | None:
    if platform not in ("darwin", "win32") and not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        raise DesktopError("No screen to show a file dialog on; `traypoint config set` does without one.")
    reasons = []
    for tool in list_tools(question, env, platform):
        try:
            return _ask(tool, env)
        except _Unable as error:
            reasons.append(str(error))
    raise DesktopError(f"{HINT} ({'; '.join(reasons)})" if reasons else HINT)


def _ask(tool: Tool, env: Mapping[str, str]) -> Path | None:
    with tempfile.TemporaryFile() as complaints:
        try:
            dialog = subprocess.Popen(
                tool.argv,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                creationflags=hide_console(),
            )
        except OSError as error:
            raise _Unable(f"{tool.argv[0]}: {error.strerror or error}") from error
        with dialog:
            assert dialog.stdout is not None  # noqa: S101  a pipe, as asked for above
            answer = dialog.stdout.read()
        if dialog.returncode == tool.cancelled:
            return None
        if dialog.returncode != 0:
            complaints.seek(0)
            raise _Unable(_describe_failure(tool, dialog.returncode, complaints.read()))
    # One newline is the tool's; more would be the name's.
    text = os.fsdecode(answer).removesuffix("\n").removesuffix("\r")
    return Path(text) if text else None


def _describe_failure(tool: Tool, code: int, complaints: bytes) -> str:
    lines = complaints.decode(errors="replace").strip().splitlines()
    return f"{Path(tool.argv[0]).name} ended with {code}{': ' + lines[-1] if lines else ''}"
