"""Which commands show a file dialog on this desktop, and how each is asked. Pure but for looking at what is installed.

A dialog is another process's: the tray neither waits on it nor grows by a toolkit's widgets. It chooses files or
folders; few dialogs take both, so a model in a folder may also be chosen by a file in it (`model_of`).
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHOOSER_ROLE = "chooser-role"
"""First argument with which a frozen bundle's binary becomes the dialog (tray/choosing.py) instead of the tray."""

CANCELLED = 10
"""Exit code of what we have written ourselves; 1 would also be a crash's."""

FOLDER_FILES = ("config.json", "*.safetensors")
"""Files that stand for the folder they lie in: an MLX model's."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialog asks for. `patterns`: the names to show, with `*`; of no meaning for folders."""

    title: str
    is_folder: bool = False
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that asks, prints the path and ends with 0. Nothing printed, or `cancelled`: nothing was chosen."""

    argv: tuple[str, ...]
    cancelled: int = CANCELLED


QUESTIONS: Mapping[str | None, Question] = {
    "llamacpp": Question("Choose a model: a .gguf file", patterns=("*.gguf",)),
    "mlx": Question("Choose a model: an MLX folder", is_folder=True),
    None: Question("Choose a model: a .gguf file, or a file in an MLX folder", patterns=("*.gguf", *FOLDER_FILES)),
}
"""Provider -> what to ask; None: it isn't settled yet."""

TEMPLATE = Question("Choose a chat template: a Jinja file", patterns=("*.jinja", "*.jinja2", "*.j2", "*.txt"))


def model_of(chosen: Path) -> Path:
    """The model that a chosen file stands for: itself, or the folder around it."""
    is_in_folder = any(chosen.match(pattern) for pattern in FOLDER_FILES)
    return chosen.parent if is_in_folder else chosen


def list_tools(question: Question, env: Mapping[str, str], platform: str) -> tuple[Tool, ...]:
    """The commands that can ask this here, best first; empty where there is none."""
    if platform == "darwin":
        return (_ask_osascript(question),)
    if platform == "win32":
        return (_ask_powershell(question),)
    tools = {
        "gtk": _ask_gtk(question) if importlib.util.find_spec("gi") else None,
        "zenity": _ask_zenity(question) if shutil.which("zenity", path=env.get("PATH")) else None,
        "kdialog": _ask_kdialog(question) if shutil.which("kdialog", path=env.get("PATH")) else None,
    }
    is_kde = "KDE" in env.get("XDG_CURRENT_DESKTOP", "").split(":")
    order = ("kdialog", "gtk", "zenity") if is_kde else ("gtk", "zenity", "kdialog")
    return tuple(tool for name in order if (tool := tools[name]))


def _ask_gtk(question: Question) -> Tool:
    """Ourselves again, as tray/choosing.py."""
    is_frozen = getattr(sys, "frozen", False)
    start = (sys.executable, CHOOSER_ROLE) if is_frozen else (sys.executable, "-P", "-m", "tray.choosing")
    kind = ("--folder",) if question.is_folder else ()
    return Tool((*start, *kind, f"--title={question.title}", *question.patterns))


def _ask_zenity(question: Question) -> Tool:
    start = ("zenity", "--file-selection", f"--title={question.title}")
    if question.is_folder:
        return Tool((*start, "--directory"), cancelled=1)
    models = f"--file-filter=Models | {' '.join(question.patterns)}"
    return Tool((*start, models, "--file-filter=All files | *"), cancelled=1)


def _ask_kdialog(question: Question) -> Tool:
    start = ("kdialog", "--title", question.title)
    if question.is_folder:
        return Tool((*start, "--getexistingdirectory", "."), cancelled=1)
    return Tool((*start, "--getopenfilename", ".", f"Models ({' '.join(question.patterns)})"), cancelled=1)


def _ask_osascript(question: Question) -> Tool:
    """AppleScript. A file's type is told by its extension; without `activate` other windows would hide the dialog; -128
    is what cancelling raises.
    """
    what = f'folder with prompt "{question.title}"'
    if not question.is_folder:
        kinds = ", ".join(f'"{pattern.rpartition(".")[2]}"' for pattern in question.patterns)
        what = f'file with prompt "{question.title}" of type {{{kinds}}}'
    lines = ("activate", "try", f"return POSIX path of (choose {what})", "on error number -128", 'return ""', "end try")
    return Tool(("osascript", *(word for line in lines for word in ("-e", line))))


def _ask_powershell(question: Question) -> Tool:
    """Windows Forms, which every Windows has; in UTF-8, since the console's own encoding loses letters."""
    if question.is_folder:
        make = f"FolderBrowserDialog -Property @{{Description='{question.title}'}}"
        answer = "SelectedPath"
    else:
        names = f"Models|{';'.join(question.patterns)}|All files|*.*"
        make = f"OpenFileDialog -Property @{{Title='{question.title}'; Filter='{names}'}}"
        answer = "FileName"
    script = (
        "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Add-Type -AssemblyName System.Windows.Forms; "
        f"$dialog = New-Object System.Windows.Forms.{make}; "
        "$front = New-Object System.Windows.Forms.Form -Property @{TopMost=$true}; "
        f"if ($dialog.ShowDialog($front) -ne 'OK') {{ exit {CANCELLED} }}; [Console]::Out.Write($dialog.{answer})"
    )
    return Tool(("powershell", "-NoProfile", "-STA", "-Command", script))
