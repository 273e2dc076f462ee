from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.providers.llamacpp.files import check_content, locate_model


def test_the_starter_is_found_in_its_package() -> None:
    path = locate_model("starter")
    assert path.suffix == ".gguf"
    check_content(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"no file .*nowhere\.gguf"):
        locate_model(str(tmp_path / "nowhere.gguf"))


def test_a_directory_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="is a directory"):
        locate_model(str(tmp_path))


def test_a_text_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("hello there")
    with pytest.raises(LoadError, match=r"not a GGUF file: it begins with b'hell'"):
        check_content(path)


def test_an_empty_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "empty.gguf"
    path.touch()
    with pytest.raises(LoadError, match="begins with b''"):
        check_content(path)
