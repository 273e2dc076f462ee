"""All places together: the right list, each model once, and nothing that isn't one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from tests.tray.models.homes import (
    ADAPTER,
    HEADER,
    PROJECTOR,
    add_gguf,
    add_mlx,
    add_to_hub,
    add_to_ollama,
    places_in,
)
from tray.models.discovery import discover
from tray.models.model import Capability, FoundModel, Place
from tray.printable import NOT_UTF8

LIBRARY = ".ollama/models", "registry.ollama.ai/library"


def find(home: Path, *extra: Path) -> tuple[FoundModel, ...]:
    return discover(places_in(home, *extra))


def names(found: tuple[FoundModel, ...]) -> list[str]:
    return [each.name for each in found]


def furnish(home: Path) -> tuple[Path, Path]:
    """A model of each kind in each place, broken ones among them; the added folder and file."""
    add_gguf(home / "own" / "big-00001-of-00002.gguf", {**HEADER, "split.count": 2})
    add_gguf(home / "own" / "big-00002-of-00002.gguf", {"split.count": 2})
    (home / "own" / "loop").symlink_to(home / "own")
    add_gguf(home / "repo" / "hub-Q4.gguf")
    add_to_hub(home / "hub", "ada/hub-GGUF", "abc", home / "repo")
    add_to_hub(home / "hub", "mlx-community/hub-4bit", "abc", add_mlx(home / "mlx"))
    add_gguf(home / ".lmstudio/models/ada/see-GGUF/see.gguf")
    add_gguf(home / ".lmstudio/models/ada/see-GGUF/mmproj-see.gguf", PROJECTOR)
    add_to_ollama(home / LIBRARY[0], f"{LIBRARY[1]}/qwen3/8b")
    add_gguf(home / "llama.cpp" / "cached.gguf")
    (home / "llama.cpp" / "torn.gguf").write_bytes(b"GGUF\x03")
    add_gguf(home / "added" / "lora.gguf", ADAPTER)
    add_gguf(home / "added" / "mine.gguf")
    return home / "added", add_gguf(home / "elsewhere" / "single.gguf")


def test_a_home_with_all_places_is_listed_place_by_place(tmp_path: Path) -> None:
    found = discover(places_in(tmp_path, *furnish(tmp_path), has_starter=True))
    assert [(each.place, each.name) for each in found if not each.problem] == [
        (Place.STARTER, "SmolLM2-135M-Instruct.Q4_1"),
        (Place.OWN, "big"),
        (Place.HUGGING_FACE, "hub-Q4"),
        (Place.HUGGING_FACE, "mlx-community/hub-4bit"),
        (Place.LM_STUDIO, "see"),
        (Place.OLLAMA, "qwen3:8b"),
        (Place.LLAMA_CPP, "cached"),
        (Place.FOLDER, "mine"),
        (Place.FILE, "single"),
    ]
    assert [(each.place, each.name) for each in found if each.problem] == [(Place.LLAMA_CPP, "torn")]


def test_each_model_says_what_the_endpoint_takes_it_by(tmp_path: Path) -> None:
    found = {each.name: each.ref for each in discover(places_in(tmp_path, *furnish(tmp_path), has_starter=True))}
    assert found["SmolLM2-135M-Instruct.Q4_1"] == ModelRef("llamacpp", "starter")
    assert found["big"] == ModelRef("llamacpp", str(tmp_path / "own" / "big-00001-of-00002.gguf"))
    assert found["mlx-community/hub-4bit"] == ModelRef("mlx", "mlx-community/hub-4bit")
    assert found["qwen3:8b"].model.endswith("blobs/sha256-" + "a" * 64)


def test_empty_places_hold_nothing(tmp_path: Path) -> None:
    assert find(tmp_path) == ()


def test_a_file_that_two_places_hold_belongs_to_the_first(tmp_path: Path) -> None:
    add_gguf(tmp_path / ".lmstudio/models/a/b/m.gguf")
    (tmp_path / "link.gguf").symlink_to(tmp_path / ".lmstudio/models/a/b/m.gguf")
    found = find(tmp_path, tmp_path / ".lmstudio", tmp_path / "link.gguf")
    assert [each.place for each in found] == [Place.LM_STUDIO]


def test_two_names_of_one_blob_are_one_model(tmp_path: Path) -> None:
    for tag in ("latest", "8b"):
        add_to_ollama(tmp_path / LIBRARY[0], f"{LIBRARY[1]}/qwen3/{tag}")
    assert names(find(tmp_path)) == ["qwen3:8b"]


def test_a_projector_lets_the_model_beside_it_see(tmp_path: Path) -> None:
    furnish(tmp_path)
    seeing = [each.name for each in find(tmp_path) if Capability.VISION in each.capabilities]
    assert seeing == ["see"]


def test_of_several_models_beside_a_projector_only_its_own_kin_sees(tmp_path: Path) -> None:
    kin = {"general.basename": "Gemma", "general.size_label": "4B"}
    add_gguf(tmp_path / "own" / "mmproj-gemma.gguf", PROJECTOR | kin)
    add_gguf(tmp_path / "own" / "gemma.gguf", HEADER | kin)
    add_gguf(tmp_path / "own" / "other.gguf", HEADER)
    assert [Capability.VISION in each.capabilities for each in find(tmp_path)] == [True, False]


@pytest.mark.parametrize("content", [b"", b"GGUF", b"hello"])
def test_a_broken_projector_is_still_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mmproj-f16.gguf").write_bytes(content)
    assert find(tmp_path) == ()


def test_broken_models_are_listed_last_with_what_is_wrong(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "own" / "a.gguf", weights=10_000)
    path.write_bytes(path.read_bytes()[:-100])
    (tmp_path / "own" / "b.gguf.part").touch()
    add_gguf(tmp_path / "own" / "z.gguf")
    assert [(each.name, each.problem.partition(":")[0]) for each in find(tmp_path)] == [
        ("z", ""),
        ("a", "half-downloaded"),
        ("b", "half-downloaded"),
    ]


def test_what_the_user_added_and_is_gone_is_told(tmp_path: Path) -> None:
    (found,) = find(tmp_path, tmp_path / "gone")
    assert found.problem == "there is no such folder or file"


def test_a_second_look_remembers_the_headers(tmp_path: Path) -> None:
    places = places_in(tmp_path, *furnish(tmp_path))
    first = discover(places, tmp_path / "cache" / "headers.json")
    assert (tmp_path / "cache" / "headers.json").exists()
    assert discover(places, tmp_path / "cache" / "headers.json") == first


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_utf8_is_told_and_can_be_shown(tmp_path: Path) -> None:
    odd = add_gguf(tmp_path / "own" / "odd.gguf")
    odd.rename(odd.with_name(os.fsdecode(b"o\xff.gguf")))
    (found,) = find(tmp_path)
    assert (found.name, found.problem) == ("o?", NOT_UTF8)


@pytest.mark.skipif(os.name == "nt", reason="there no name of a file may have such characters")
def test_a_name_that_a_terminal_would_obey_is_made_harmless(tmp_path: Path) -> None:
    add_gguf(tmp_path / "own" / "a\x1b[2Jb\nc.gguf")
    (found,) = find(tmp_path)
    assert (found.name, found.problem) == ("a?[2Jb?c", "")
