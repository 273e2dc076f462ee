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


def test_a_link_keeps_its_name_for_the_parts_beside_it_and_for_clients(tmp_path: Path) -> None:
    blob = tmp_path / "blobs" / "0a1b2c"
    blob.parent.mkdir()
    blob.write_bytes(b"GGUF")
    link = tmp_path / "big-00001-of-00002.gguf"
    link.symlink_to(blob)
    assert locate_model(str(link)) == link


def test_a_file_without_the_suffix_is_a_model_by_how_it_begins(tmp_path: Path) -> None:
    blob = tmp_path / "sha256-0a1b2c"
    blob.write_bytes(b"GGUF")
    assert locate_model(str(blob)) == blob
    check_content(blob)
