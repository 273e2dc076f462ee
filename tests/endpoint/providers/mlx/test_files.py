"""Names become folders, or errors that say what to do; nothing is downloaded and nothing from a folder is run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.files import locate_model, model_id, read_config
from tests.tiny.mlx_models import write_tiny_mlx

REPOSITORY = "mlx-community/Tiny-1.5"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path / "tiny model")
    return tmp_path / "tiny model"


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The snapshot of REPOSITORY in a cache as the hub's library keeps one, blobs apart."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "cache" / "models--mlx-community--Tiny-1.5"
    write_tiny_mlx(MemoryKind.ATTENTION, home / "blobs")
    snapshot = home / "snapshots" / "0a1b2c"
    snapshot.mkdir(parents=True)
    for blob in (home / "blobs").iterdir():
        (snapshot / blob.name).symlink_to(blob)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("0a1b2c")
    return snapshot


def test_a_folder_is_itself(folder: Path) -> None:
    assert locate_model(str(folder)) == folder
    assert model_id(str(folder), folder) == "tiny model"


def test_a_folder_in_the_home_directory_may_be_written_with_a_tilde(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert locate_model("~/tiny model") == folder


def test_a_cached_repository_is_found_at_its_main_branch(snapshot: Path) -> None:
    assert locate_model(REPOSITORY) == snapshot
    assert model_id(REPOSITORY, snapshot) == REPOSITORY


def test_a_snapshot_given_as_a_folder_is_called_by_its_repository(snapshot: Path) -> None:
    assert model_id(str(snapshot), locate_model(str(snapshot))) == REPOSITORY


def test_a_folder_goes_before_a_repository_of_the_same_name(
    folder: Path, snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder.parent / REPOSITORY
    own.parent.mkdir()
    folder.rename(own)
    monkeypatch.chdir(folder.parent)
    assert locate_model(REPOSITORY) == own
    assert model_id(REPOSITORY, own) == "Tiny-1.5"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("", ["empty", "folder"]),
        ("  ", ["empty"]),
        ("starter", ["no MLX starter", "hf download mlx-community/"]),
        ("no/such/folder", ["no folder no/such/folder", "owner/name"]),
        ("~nobody-of-this-name/model/x", ["no folder"]),
        ("gone.gguf", ["--provider llamacpp"]),
        ("mlx-community/Gone", ["cache", "hf download mlx-community/Gone"]),
        ("owner/..", ["cache"]),
        ("../secret", ["not a repository's name"]),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_what_to_do(model: str, words: list[str], snapshot: Path) -> None:
    with pytest.raises(LoadError) as caught:
        locate_model(model)
    for word in words:
        assert word in str(caught.value)


def test_a_gguf_file_belongs_to_the_other_provider(tmp_path: Path) -> None:
    (tmp_path / "model.GGUF").touch()
    with pytest.raises(LoadError, match="--provider llamacpp"):
        locate_model(str(tmp_path / "model.GGUF"))


def test_a_file_is_no_folder(folder: Path) -> None:
    with pytest.raises(LoadError, match=r"config\.json is not a folder"):
        locate_model(str(folder / "config.json"))


def _drop_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _break_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": ')


def _nest_config(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 200_000)


def _list_config(folder: Path) -> None:
    (folder / "config.json").write_text("[1]")


def _garble_config(folder: Path) -> None:
    (folder / "config.json").write_bytes(b"\xff\xfe\xfd")


def _strip_type(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": 3}')


def _drop_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _rename_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "weights.00.safetensors")


def _break_index(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("{")


def _want_more(folder: Path) -> None:
    places = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(places))


def _keep_one_part(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00002-of-00003.safetensors")


def _want_code(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama", "model_file": "model.py"}')


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_drop_config, r"has no config\.json"),
        (_break_config, r"config\.json is not valid JSON"),
        (_nest_config, r"config\.json is not valid JSON"),
        (_list_config, r"config\.json holds no JSON object"),
        (_garble_config, r"config\.json is not valid JSON"),
        (_strip_type, "names no model_type"),
        (_drop_weights, r"has no weights \(model\*\.safetensors\)"),
        (_rename_weights, r"has no weights \(model\*\.safetensors\)"),
        (_break_index, r"index\.json is not valid JSON"),
        (_want_more, r"lacks 1 of its weights' files: model-2\.safetensors\."),
        (_keep_one_part, r"lacks 2 of its weights' files: model-00001-of-00003\.safetensors, model-00003"),
        (_want_code, r"wants Python code from the model's folder to be run \(model_file: 'model\.py'\)"),
    ],
)
def test_a_damaged_folder_is_refused_and_the_damage_named(
    damage: Callable[[Path], None], words: str, folder: Path
) -> None:
    damage(folder)
    with pytest.raises(LoadError, match=words):
        locate_model(str(folder))


def test_a_download_that_stopped_half_way_is_told_how_to_go_on(snapshot: Path) -> None:
    (snapshot / "model.safetensors").resolve().unlink()  # the link stays, its blob is gone
    with pytest.raises(LoadError, match=f"hf download {REPOSITORY}"):
        locate_model(REPOSITORY)


def test_a_revision_that_points_out_of_the_cache_is_not_followed(snapshot: Path) -> None:
    (snapshot.parent.parent / "refs" / "main").write_text("../../../..")
    with pytest.raises(LoadError, match="nor in the cache"):
        locate_model(REPOSITORY)


def test_remote_code_that_other_libraries_would_run_is_no_reason_to_refuse(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "modeling.Model"}}))
    assert read_config(locate_model(str(folder)))["model_type"] == "llama"


def test_locating_imports_no_model_library(folder: Path) -> None:
    program = (
        "import sys; from endpoint.providers.mlx.files import locate_model; locate_model(sys.argv[1])\n"
        "print([name for name in ('mlx', 'mlx_lm', 'transformers', 'tokenizers', 'huggingface_hub.hf_api', 'numpy')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
