"""Choosing, with shell scripts in place of the desktop's dialogs."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tray.chooser import choose_model
from tray.errors import DesktopError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts as stand-ins")

Install = Callable[[str, str], None]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A desktop without GTK and with nothing installed yet."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return {"PATH": str(tmp_path), "DISPLAY": ":0"}


@pytest.fixture
def install(tmp_path: Path) -> Install:
    def write(name: str, script: str) -> None:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return write


def test_the_dialogs_answer_is_the_choice(env: dict[str, str], install: Install) -> None:
    install("zenity", "echo '/models/a b.gguf'")
    assert choose_model("llamacpp", env, "linux") == Path("/models/a b.gguf")


def test_a_file_of_a_folder_is_answered_as_the_folder(env: dict[str, str], install: Install) -> None:
    install("zenity", "echo /models/mlx/config.json")
    assert choose_model(None, env, "linux") == Path("/models/mlx")


def test_a_name_that_is_no_text_comes_through(env: dict[str, str], install: Install) -> None:
    install("zenity", r"printf '/models/\377.gguf\n'")
    assert choose_model("llamacpp", env, "linux") == Path(os.fsdecode(b"/models/\xff.gguf"))


def test_cancelling_is_no_choice_and_no_error(env: dict[str, str], install: Install) -> None:
    install("zenity", "exit 1")
    install("kdialog", "echo /must/not/be/asked")
    assert choose_model("llamacpp", env, "linux") is None


def test_an_empty_answer_is_cancelling_too(env: dict[str, str], install: Install) -> None:
    install("osascript", "echo")
    assert choose_model("llamacpp", env, "darwin") is None


def test_a_dialog_that_cannot_be_shown_gives_way_to_another(env: dict[str, str], install: Install) -> None:
    install("zenity", "echo 'cannot open display' >&2; exit 255")
    install("kdialog", "echo /models/a.gguf")
    assert choose_model("llamacpp", env, "linux") == Path("/models/a.gguf")


def test_when_none_can_be_shown_the_reason_and_the_way_out_are_told(env: dict[str, str], install: Install) -> None:
    install("zenity", "echo 'cannot open display' >&2; exit 255")
    with pytest.raises(DesktopError, match=r"install python3-gi .* \(zenity ended with 255: cannot open display\)"):
        choose_model("llamacpp", env, "linux")


def test_without_any_dialog_what_to_install_is_told(env: dict[str, str]) -> None:
    with pytest.raises(DesktopError, match="No file dialog found: install"):
        choose_model("llamacpp", env, "linux")


def test_without_a_screen_no_dialog_is_tried() -> None:
    with pytest.raises(DesktopError, match="No screen to show a file dialog on"):
        choose_model("llamacpp", {"PATH": os.environ["PATH"]}, "linux")


def test_a_provider_that_is_not_known_offers_all_models(env: dict[str, str], install: Install) -> None:
    install("zenity", 'case "$*" in *safetensors*) echo /models/a.gguf;; esac')
    assert choose_model("fake", env, "linux") == Path("/models/a.gguf")


def test_macos_and_windows_need_no_screen_variables(env: dict[str, str], install: Install) -> None:
    install("osascript", "echo /models/a.gguf")
    install("powershell", "printf '/models/b.gguf'")
    no_display = {"PATH": env["PATH"]}
    assert choose_model("llamacpp", no_display, "darwin") == Path("/models/a.gguf")
    assert choose_model("llamacpp", no_display, "win32") == Path("/models/b.gguf")
