from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tray.models.homes import DIGEST, add_to_ollama, write_manifest
from tray.models.candidate import Candidate
from tray.models.ollama import list_ollama

LIBRARY = "registry.ollama.ai/library"
MODEL = "application/vnd.ollama.image.model"


def look(store: Path) -> list[Candidate]:
    return list(list_ollama(store))


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        (f"{LIBRARY}/qwen3/8b", "qwen3:8b"),
        ("registry.ollama.ai/ada/mine/latest", "ada/mine:latest"),
        ("hf.co/bartowski/Llama-3.2-GGUF/Q4_K_M", "hf.co/bartowski/Llama-3.2-GGUF:Q4_K_M"),
    ],
)
def test_a_model_has_the_name_that_ollama_shows_and_the_path_of_its_blob(
    manifest: str, name: str, tmp_path: Path
) -> None:
    blob = add_to_ollama(tmp_path, manifest)
    (found,) = look(tmp_path)
    assert (found.name, found.model, found.problem) == (name, str(blob), "")


def test_blobs_of_older_versions_have_a_colon_in_their_names(tmp_path: Path) -> None:
    blob = add_to_ollama(tmp_path, f"{LIBRARY}/m/latest")
    older = blob.rename(blob.with_name(f"sha256:{DIGEST}"))
    (found,) = look(tmp_path)
    assert found.model == str(older)


def test_a_projector_beside_the_model_is_noted(tmp_path: Path) -> None:
    blob = add_to_ollama(tmp_path, f"{LIBRARY}/m/latest")
    layers: list[dict[str, object]] = [
        {"mediaType": "application/vnd.ollama.image.projector", "digest": f"sha256:{'b' * 64}"},
        {"mediaType": MODEL, "digest": f"sha256:{DIGEST}"},
    ]
    write_manifest(tmp_path, f"{LIBRARY}/m/latest", layers)
    (found,) = look(tmp_path)
    assert found.has_projector
    assert found.model == str(blob)


def test_a_blob_that_is_missing_or_too_short_is_half_downloaded(tmp_path: Path) -> None:
    blob = add_to_ollama(tmp_path, f"{LIBRARY}/m/short", size=10_000_000)
    (found,) = look(tmp_path)
    assert found.problem == "half-downloaded: 1 kB of 10 MB"
    blob.unlink()
    (found,) = look(tmp_path)
    assert found.problem == "half-downloaded: its blob isn't there"


@pytest.mark.parametrize("digest", ["sha256:../../../../etc/passwd", "sha256:abc", 3, None, "", "md5:" + "a" * 64])
def test_a_digest_that_is_none_leads_to_no_path(digest: object, tmp_path: Path) -> None:
    write_manifest(tmp_path, f"{LIBRARY}/m/latest", [{"mediaType": MODEL, "digest": digest}])
    (found,) = look(tmp_path)
    assert found.problem == "its manifest names no proper blob"


def test_a_manifest_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    write_manifest(tmp_path, f"{LIBRARY}/m/latest", []).write_text("{")
    (found,) = look(tmp_path)
    assert found.problem == "its manifest can't be read"


@pytest.mark.parametrize("manifest", [{}, {"layers": []}, {"layers": 3}, {"layers": [3, {"mediaType": "other"}]}])
def test_a_manifest_without_a_gguf_file_is_left_out(manifest: dict[str, object], tmp_path: Path) -> None:
    write_manifest(tmp_path, f"{LIBRARY}/m/cloud", []).write_text(json.dumps(manifest))
    assert look(tmp_path) == []


def test_no_store_is_no_models(tmp_path: Path) -> None:
    assert look(tmp_path / "nowhere") == []
