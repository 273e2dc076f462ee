from __future__ import annotations

import os
from pathlib import Path

import pytest

from tray.models.json_file import read_object, write_object
from tray.models.regular_file import open_regular


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_object(path, {"a": [1, "ä\udcff"]})
    assert read_object(path, 1000) == {"a": [1, "ä\udcff"]}
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"3", b"\xff\xfe", b"[" * 200_000, b'{"a": 1} x', b" " * 1001])
def test_anything_else_is_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert read_object(tmp_path / "file", 1000) is None


def test_no_file_and_a_folder_are_nothing(tmp_path: Path) -> None:
    assert read_object(tmp_path / "nowhere", 1000) is None
    assert read_object(tmp_path, 1000) is None


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match=r"."):
        write_object(tmp_path / "file", {})
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(tmp_path / "pipe")
    assert read_object(tmp_path / "pipe", 10) is None
