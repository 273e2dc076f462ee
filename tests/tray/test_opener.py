from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tray.errors import DesktopError
from tray.opener import open_path, open_url

PAGE = "http://127.0.0.1:8001/docs"


@pytest.fixture
def read_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Puts a stand-in for the desktop's opener on PATH; gives what tells which argument it got, once it has one."""
    if os.name == "nt":
        pytest.skip("shell scripts as stand-ins")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > "{pipe}"\n')
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return pipe.read_text


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DesktopError, match=r"models isn't there"):
        open_path(tmp_path / "models")


def test_without_an_opener_the_place_is_told(tmp_path: Path) -> None:
    log = tmp_path / "endpoint.log"
    log.touch()
    env = {"PATH": str(tmp_path)}
    with pytest.raises(DesktopError, match=r"open isn't installed; the file is .*endpoint\.log"):
        open_path(log, env, "darwin")
    with pytest.raises(DesktopError, match=r"xdg-open isn't installed; the folder is "):
        open_path(tmp_path, env, "linux")
    with pytest.raises(DesktopError, match=rf"xdg-open isn't installed; the page is {PAGE}"):
        open_url(PAGE, env, "linux")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "--help", "javascript:1", ""])
def test_only_web_pages_are_opened_as_such(url: str) -> None:
    with pytest.raises(DesktopError, match="Not a web page"):
        open_url(url, {}, "linux")


def test_the_desktops_opener_gets_the_log(tmp_path: Path, read_opened: Callable[[], str]) -> None:
    log = tmp_path / "endpoint.log"
    log.touch()
    open_path(log, os.environ, "linux")
    assert read_opened() == f"{log}\n"


def test_the_desktops_opener_gets_the_folder(tmp_path: Path, read_opened: Callable[[], str]) -> None:
    open_path(tmp_path, os.environ, "linux")
    assert read_opened() == f"{tmp_path}\n"


def test_the_desktops_opener_gets_the_page(read_opened: Callable[[], str]) -> None:
    open_url(PAGE, os.environ, "linux")
    assert read_opened() == f"{PAGE}\n"
