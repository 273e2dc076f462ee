"""What a word on the command line means for a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tray.cli.naming import settle
from tray.cli.run import settle_files
from tray.options import Choices


def test_what_lies_here_gets_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("m.gguf", "t.jinja", "starter"):
        Path(name).touch()
    flags = settle_files(Choices(model="m.gguf", chat_template="./t.jinja", port=1))
    assert flags == Choices(model=str(tmp_path / "m.gguf"), chat_template=str(tmp_path / "t.jinja"), port=1)


@pytest.mark.parametrize("name", ["starter", "owner/name", "~nobody-here/x", "a\0b"])
def test_all_else_stays_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("starter").touch()
    assert settle(name) == name
