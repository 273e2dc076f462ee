from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tray.clipboard import copy_text, list_tools
from tray.errors import DesktopError

posix = pytest.mark.skipif(os.name == "nt", reason="shell scripts as stand-ins")


def install(folder: Path, name: str, script: str) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)


def env(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(folder), "DISPLAY": ":0", **more}


def test_each_desktop_has_its_tools_best_first() -> None:
    assert list_tools({}, "darwin") == (("pbcopy",),)
    assert list_tools({}, "win32") == (("clip",),)
    assert list_tools({}, "linux") == ()
    both = list_tools({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert [argv[0] for argv in both] == ["wl-copy", "xclip", "xsel"]


def test_nothing_to_copy_with_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "gi.repository.Gtk", raising=False)
    with pytest.raises(DesktopError, match="install wl-clipboard, xclip or xsel"):
        copy_text("x", env(tmp_path), "linux")


@posix
def test_the_first_tool_that_is_there_gets_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    install(tmp_path, "xsel", f'/bin/cat > "{tmp_path}/got"')
    copy_text("http://127.0.0.1:8001/v1", env(tmp_path), "linux")
    assert (tmp_path / "got").read_text() == "http://127.0.0.1:8001/v1"


@posix
def test_a_tool_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    install(tmp_path, "xsel", "exit 3")
    with pytest.raises(DesktopError, match="xsel failed"):
        copy_text("x", env(tmp_path), "linux")
