from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tray.models.homes import add_gguf, add_mlx
from tray.models.candidate import Candidate, Form
from tray.models.folder_models import list_gguf, list_mlx
from tray.models.model import Place
from tray.models.walk import walk_folders


def look(folder: Path) -> list[Candidate]:
    (found,) = walk_folders(folder, depth=0)
    return [*list_gguf(found, Place.OWN), *list_mlx(found, Place.OWN)]


def test_a_file_is_a_model_by_its_suffix(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "Qwen3-4B-Q4_K_M.GGUF")
    (tmp_path / "notes.txt").touch()
    (found,) = look(tmp_path)
    assert (found.model, found.name, found.form) == (str(path), "Qwen3-4B-Q4_K_M", Form.GGUF)
    assert found.size_bytes == path.stat().st_size
    assert found.stamp.modified_ns == path.stat().st_mtime_ns


def test_parts_are_one_model_by_the_first(tmp_path: Path) -> None:
    files = [add_gguf(tmp_path / f"big-0000{number}-of-00003.gguf") for number in (3, 1, 2)]
    (found,) = look(tmp_path)
    assert (found.model, found.name) == (str(tmp_path / "big-00001-of-00003.gguf"), "big")
    assert [file.name[:9] for file in found.files] == ["big-00001", "big-00002", "big-00003"]
    assert found.size_bytes == sum(file.stat().st_size for file in files)
    assert not found.problem


def test_missing_parts_are_counted_and_named(tmp_path: Path) -> None:
    add_gguf(tmp_path / "big-00002-of-00004.gguf")
    (found,) = look(tmp_path)
    assert found.model == str(tmp_path / "big-00001-of-00004.gguf")
    assert found.problem == "half-downloaded: of its 4 parts 3 are missing (1, 3, 4)"


@pytest.mark.parametrize("count", ["00000", "99999"])
def test_a_number_of_parts_that_can_not_be_is_a_problem(count: str, tmp_path: Path) -> None:
    add_gguf(tmp_path / f"big-00001-of-{count}.gguf")
    (found,) = look(tmp_path)
    assert "parts" in found.problem


@pytest.mark.parametrize(
    "name", ["m.gguf.part", "downloading_m.gguf.part", "m.gguf.downloadInProgress", "m.gguf.incomplete"]
)
def test_a_download_that_was_broken_off_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"GGUF")
    (found,) = look(tmp_path)
    assert (found.name, found.model, found.size_bytes) == ("m", str(tmp_path / "m.gguf"), 4)
    assert found.problem.startswith("half-downloaded")


def test_a_link_to_nothing_is_half_a_download(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").symlink_to(tmp_path / "gone")
    (found,) = look(tmp_path)
    assert found.problem == "half-downloaded: its link leads to a file that isn't there"


def test_a_link_to_itself_and_a_pipe_are_problems_and_block_nobody(tmp_path: Path) -> None:
    (tmp_path / "loop.gguf").symlink_to(tmp_path / "loop.gguf")
    os.mkfifo(tmp_path / "pipe.gguf")
    loop, pipe = look(tmp_path)
    assert "can't be read" in loop.problem
    assert pipe.problem == "it can't be read: it is not a regular file"


def test_mlx_weights_with_their_config_are_a_model(tmp_path: Path) -> None:
    folder = add_mlx(
        tmp_path / "Qwen3-4bit", weights=("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    )
    (found,) = look(folder)
    assert (found.form, found.model, found.name, found.size_bytes) == (Form.MLX, str(folder), "Qwen3-4bit", 2000)
    assert not found.problem


def test_mlx_weights_of_which_some_are_missing_are_half_a_download(tmp_path: Path) -> None:
    (found,) = look(add_mlx(tmp_path, weights=("model-00001-of-00003.safetensors",)))
    assert found.problem == "half-downloaded: 2 of its weights' files are missing"


def test_a_change_of_the_template_shows_in_the_stamp(tmp_path: Path) -> None:
    (before,) = look(add_mlx(tmp_path))
    (tmp_path / "chat_template.jinja").write_text("x")
    (after,) = look(tmp_path)
    assert before.stamp != after.stamp


def test_weights_without_a_config_and_the_reverse_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    assert look(tmp_path) == []
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "config.json").touch()
    assert look(tmp_path) == []
