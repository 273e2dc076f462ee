from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.providers.mlx.files import locate_model
from tests.tray.models.homes import CONFIG, add_gguf, add_mlx, add_to_hub
from tray.models.candidate import Candidate, Form
from tray.models.hugging_face import list_hugging_face


def look(home: Path) -> list[Candidate]:
    return list(list_hugging_face(home / "hub"))


def test_a_gguf_file_is_known_by_its_link(tmp_path: Path) -> None:
    add_gguf(tmp_path / "repo" / "sub" / "m-Q8_0.gguf")
    snapshot = add_to_hub(tmp_path / "hub", "ada/m-GGUF", "abc", tmp_path / "repo")
    (found,) = look(tmp_path)
    assert found.model == str(snapshot / "sub" / "m-Q8_0.gguf")
    assert found.name == "m-Q8_0"


def test_an_mlx_model_is_known_by_its_repository_where_the_endpoint_finds_it_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    snapshot = add_to_hub(tmp_path / "hub", "mlx-community/Qwen3--4B", "abc", add_mlx(tmp_path / "repo"))
    (found,) = look(tmp_path)
    assert (found.model, found.name, found.form) == ("mlx-community/Qwen3--4B", "mlx-community/Qwen3--4B", Form.MLX)
    with pytest.raises(LoadError):  # a name with such a dash can't be told from the cache's own
        locate_model("mlx-community/Other")
    assert locate_model(found.model) == snapshot


def test_a_snapshot_of_no_main_branch_is_known_by_its_folder(tmp_path: Path) -> None:
    snapshot = add_to_hub(tmp_path / "hub", "a/m", "abc", add_mlx(tmp_path / "repo"), is_main=False)
    (found,) = look(tmp_path)
    assert (found.model, found.name) == (str(snapshot), "a/m")


def test_a_file_of_an_older_snapshot_is_listed_and_one_of_both_only_once(tmp_path: Path) -> None:
    add_gguf(tmp_path / "old" / "q4.gguf", weights=32)
    add_gguf(tmp_path / "old" / "q8.gguf")
    add_to_hub(tmp_path / "hub", "a/m-GGUF", "old", tmp_path / "old", is_main=False)
    add_gguf(tmp_path / "new" / "q4.gguf", weights=64)
    newer = add_to_hub(tmp_path / "hub", "a/m-GGUF", "new", tmp_path / "new")
    found = {each.name: each.model for each in look(tmp_path)}
    assert found["q4"] == str(newer / "q4.gguf")
    assert set(found) == {"q4", "q8"}


@pytest.mark.parametrize(("repository", "form"), [("a/m-GGUF", Form.GGUF), ("mlx-community/m", Form.MLX)])
def test_a_download_that_was_broken_off_before_its_first_file_is_told(
    repository: str, form: Form, tmp_path: Path
) -> None:
    blobs = tmp_path / "hub" / f"models--{repository.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "abc.incomplete").touch()
    (found,) = look(tmp_path)
    assert (found.name, found.form) == (repository, form)
    assert found.problem.startswith("half-downloaded")


def test_a_link_whose_blob_is_missing_is_half_downloaded(tmp_path: Path) -> None:
    add_gguf(tmp_path / "repo" / "m.gguf")
    snapshot = add_to_hub(tmp_path / "hub", "a/m-GGUF", "abc", tmp_path / "repo")
    (snapshot / "m.gguf").readlink().unlink()
    (found,) = look(tmp_path)
    assert found.problem.startswith("half-downloaded")


def test_other_repositories_and_data_sets_are_not_listed(tmp_path: Path) -> None:
    for name in ("datasets--a--b/blobs", "models--a--torch/blobs", ".locks"):
        (tmp_path / "hub" / name).mkdir(parents=True)
    (tmp_path / "hub" / "models--a--torch" / "blobs" / "abc.incomplete").touch()
    assert look(tmp_path) == []


def test_a_reference_that_is_no_revision_leads_nowhere(tmp_path: Path) -> None:
    snapshot = add_to_hub(tmp_path / "hub", "a/m", "abc", add_mlx(tmp_path / "repo", CONFIG))
    (tmp_path / "hub" / "models--a--m" / "refs" / "main").write_bytes(b"\xff../../etc" + bytes(100_000))
    (found,) = look(tmp_path)
    assert found.model == str(snapshot)
