from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tray.errors import DesktopError
from tray.opener import open_file


def test_a_log_that_is_not_there_yet_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DesktopError, match="Nothing has been logged yet"):
        open_file(tmp_path / "endpoint.log")


def test_without_an_opener_the_path_is_told(tmp_path: Path) -> None:
    log = tmp_path / "endpoint.log"
    log.touch()
    with pytest.raises(DesktopError, match=r"xdg-open isn't installed; the log is .*endpoint\.log"):
        open_file(log, {"PATH": str(tmp_path)}, "linux")


@pytest.mark.skipif(os.name == "nt", reason="shell scripts as stand-ins")
def test_the_desktops_opener_gets_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > "{pipe}"\n')
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    log = tmp_path / "endpoint.log"
    log.touch()
    open_file(log, os.environ, "linux")
    assert pipe.read_text() == f"{log}\n"
