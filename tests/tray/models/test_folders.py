from __future__ import annotations

from pathlib import Path

import pytest

from tests.tray.models.homes import add_gguf, add_mlx
from tray.models.folders import list_added, list_tree
from tray.models.llama_cpp import list_llama_cpp
from tray.models.model import Place


def test_a_tree_may_hold_both_kinds_at_any_depth(tmp_path: Path) -> None:
    add_gguf(tmp_path / "m.gguf")
    add_mlx(tmp_path / "a" / "b" / "c")
    assert [each.name for each in list_tree(tmp_path, Place.OWN)] == ["m", "c"]


def test_an_added_folder_and_an_added_file_say_so(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "m.gguf")
    assert [each.place for each in list_added(tmp_path)] == [Place.FOLDER]
    (found,) = list_added(path)
    assert (found.place, found.name, found.model) == (Place.FILE, "m", str(path))


def test_an_added_file_needs_no_suffix(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "sha256-abc")
    (found,) = list_added(path)
    assert (found.name, found.problem) == ("sha256-abc", "")


def test_an_added_part_stands_for_its_whole_model(tmp_path: Path) -> None:
    files = tuple(add_gguf(tmp_path / f"m-0000{number}-of-00002.gguf") for number in (1, 2))
    add_gguf(tmp_path / "other.gguf")
    (found,) = list_added(files[1])
    assert (found.place, found.model, found.files) == (Place.FILE, str(files[0]), files)


@pytest.mark.parametrize("name", ["gone", "x" * 5000, "a\0b"])
def test_what_was_added_and_is_gone_is_told(name: str, tmp_path: Path) -> None:
    (found,) = list_added(tmp_path / name)
    assert found.problem == "there is no such folder or file"


def test_llama_cpps_cache_is_a_flat_folder(tmp_path: Path) -> None:
    add_gguf(tmp_path / "ada_m-GGUF_m-Q4_K_M.gguf")
    (tmp_path / "ada_m-GGUF_big.gguf.downloadInProgress").touch()
    (tmp_path / "ada_m-GGUF_m-Q4_K_M.gguf.json").touch()
    found = [(each.name, bool(each.problem)) for each in list_llama_cpp(tmp_path)]
    assert sorted(found) == [("ada_m-GGUF_big", True), ("ada_m-GGUF_m-Q4_K_M", False)]
