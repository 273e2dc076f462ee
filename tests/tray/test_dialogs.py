from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from tray.dialogs import CANCELLED, CHOOSER_ROLE, QUESTIONS, list_tools, model_of

FILE = QUESTIONS["llamacpp"]
FOLDER = QUESTIONS["mlx"]
ANY = QUESTIONS[None]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has both of the other dialogs."""
    for name in ("zenity", "kdialog"):
        (tmp_path / name).touch(mode=0o755)
    return {"PATH": str(tmp_path)}


def names(env: dict[str, str]) -> list[str]:
    return [Path(tool.argv[0]).name for tool in list_tools(FILE, env, "linux")]


@pytest.fixture
def has_gi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "gi" else None)


@pytest.fixture
def has_no_gi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)


@pytest.mark.usefixtures("has_gi")
def test_gtk_is_asked_first_but_on_kde(installed: dict[str, str]) -> None:
    python = Path(sys.executable).name
    assert names(installed) == [python, "zenity", "kdialog"]
    assert names({**installed, "XDG_CURRENT_DESKTOP": "KDE"}) == ["kdialog", python, "zenity"]
    assert names({"PATH": ""}) == [python]


@pytest.mark.usefixtures("has_no_gi")
def test_without_gi_other_dialogs_are_asked(installed: dict[str, str]) -> None:
    assert names(installed) == ["zenity", "kdialog"]
    assert names({"PATH": ""}) == []


@pytest.mark.usefixtures("has_gi")
def test_gtk_is_asked_by_a_child_of_our_own_whose_crash_is_no_cancelling() -> None:
    tool = list_tools(FOLDER, {"PATH": ""}, "linux")[0]
    assert tool.argv == (sys.executable, "-P", "-m", "tray.choosing", "--folder", f"--title={FOLDER.title}")
    assert tool.cancelled == CANCELLED


@pytest.mark.usefixtures("has_gi")
def test_a_bundle_enters_its_own_binary_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert list_tools(FILE, {"PATH": ""}, "linux")[0].argv[:2] == (sys.executable, CHOOSER_ROLE)


@pytest.mark.usefixtures("has_no_gi")
def test_the_other_dialogs_are_asked_for_files_and_for_folders(installed: dict[str, str]) -> None:
    zenity, kdialog = (tool.argv for tool in list_tools(ANY, installed, "linux"))
    assert zenity[-2] == "--file-filter=Models | *.gguf config.json *.safetensors"
    assert kdialog[3:] == ("--getopenfilename", ".", "Models (*.gguf config.json *.safetensors)")
    zenity, kdialog = (tool.argv for tool in list_tools(FOLDER, installed, "linux"))
    assert "--directory" in zenity
    assert "--getexistingdirectory" in kdialog


def test_macos_is_asked_in_applescript() -> None:
    assert list_tools(FILE, {}, "darwin")[0].argv == (
        *("osascript", "-e", "activate", "-e", "try", "-e"),
        'return POSIX path of (choose file with prompt "Choose a model: a .gguf file" of type {"gguf"})',
        *("-e", "on error number -128", "-e", 'return ""', "-e", "end try"),
    )
    assert '{"gguf", "json", "safetensors"}' in list_tools(ANY, {}, "darwin")[0].argv[6]
    assert "(choose folder with prompt" in list_tools(FOLDER, {}, "darwin")[0].argv[6]


def test_windows_is_asked_by_powershell_in_utf_8() -> None:
    script = list_tools(ANY, {}, "win32")[0].argv[-1]
    assert "Filter='Models|*.gguf;config.json;*.safetensors|All files|*.*'" in script
    assert script.startswith("[Console]::OutputEncoding = [Text.Encoding]::UTF8")
    assert "FolderBrowserDialog" in list_tools(FOLDER, {}, "win32")[0].argv[-1]


def test_no_title_holds_what_a_script_would_read_as_its_own() -> None:
    for question in QUESTIONS.values():
        assert not set(question.title) & set("\"'\\$`")


@pytest.mark.parametrize(
    ("chosen", "model"),
    [
        ("/m/a.gguf", "/m/a.gguf"),
        ("/m/folder/config.json", "/m/folder"),
        ("/m/folder/model-00001-of-00002.safetensors", "/m/folder"),
        ("/m/folder", "/m/folder"),
        ("/m/other.json", "/m/other.json"),
    ],
)
def test_a_file_of_an_mlx_folder_stands_for_the_folder(chosen: str, model: str) -> None:
    assert model_of(Path(chosen)) == Path(model)
