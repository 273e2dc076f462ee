from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.tray.models.homes import HEADER, add_gguf, add_mlx
from tray.models.candidate import Candidate
from tray.models.facts import Facts, Role
from tray.models.facts_json import read_facts, write_facts
from tray.models.folder_models import list_mlx, make_gguf
from tray.models.header_cache import HeaderCache
from tray.models.model import AttentionKind, Capability, MemoryShape, Place
from tray.models.walk import Folder

FACTS = Facts(
    role=Role.ADAPTER,
    family="llama",
    lineage="x 1b",
    parameters=10**9,
    quantisation="Q4_K_M",
    n_ctx=4096,
    capabilities=(Capability.TOOLS, Capability.VISION),
    attention=AttentionKind.HYBRID,
    shape=MemoryShape(1, 2, 3, 4, 5, 6, 7, 8),
)


def candidate(path: Path) -> Candidate:
    return make_gguf(Place.OWN, path, "m")


def fill(tmp_path: Path) -> Path:
    """A cache with one model in it, of 4096 tokens."""
    cache = HeaderCache(tmp_path / "cache.json")
    cache.find_facts(candidate(add_gguf(tmp_path / "m.gguf")))
    cache.save()
    return tmp_path / "cache.json"


def n_ctx(tmp_path: Path) -> int:
    return HeaderCache(tmp_path / "cache.json").find_facts(candidate(tmp_path / "m.gguf")).n_ctx


def change(path: Path, **changes: Any) -> None:
    """Forge the entry's facts."""
    content = json.loads(path.read_text())
    (entry,) = content["headers"].values()
    entry[-1] |= changes
    path.write_text(json.dumps(content))


def test_facts_are_the_same_after_a_way_through_json() -> None:
    assert read_facts(json.loads(json.dumps(write_facts(FACTS)))) == FACTS


def test_what_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    change(fill(tmp_path), n_ctx=77)
    assert n_ctx(tmp_path) == 77


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    change(fill(tmp_path), n_ctx=77)
    os.utime(tmp_path / "m.gguf", ns=(1, 1))
    assert n_ctx(tmp_path) == 4096
    change(fill(tmp_path), n_ctx=77)
    add_gguf(tmp_path / "m.gguf", weights=4096)
    assert n_ctx(tmp_path) == 4096


@pytest.mark.parametrize(
    "forged",
    [
        {"n_ctx": -1},
        {"n_ctx": 1 << 70},
        {"n_ctx": True},
        {"role": "king"},
        {"capabilities": ["tools"] * 99},
        {"capabilities": 3},
        {"shape": [1]},
        {"shape": ["a"] * 8},
        {"family": None},
        {"problem": "x" * 5000},
        {"attention": []},
    ],
)
def test_a_forged_entry_is_read_again(forged: dict[str, Any], tmp_path: Path) -> None:
    change(fill(tmp_path), **forged)
    assert n_ctx(tmp_path) == 4096


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 99, "headers": {}}', '{"version": 1, "headers": [3]}', '{"version": 1}', "\0"],
)
def test_a_torn_cache_does_no_harm_and_is_replaced(content: str, tmp_path: Path) -> None:
    path = fill(tmp_path)
    path.write_text(content)
    assert n_ctx(tmp_path) == 4096
    assert len(json.loads(fill(tmp_path).read_text())["headers"]) == 1


@pytest.mark.parametrize("entry", [None, 3, [], [1, 2], ["a", "b", {}], {"a": 1}])
def test_a_torn_entry_does_no_harm(entry: object, tmp_path: Path) -> None:
    content = {"version": 1, "headers": {str(tmp_path / "m.gguf"): entry}}
    fill(tmp_path).write_text(json.dumps(content))
    assert n_ctx(tmp_path) == 4096


def test_a_cache_that_stays_the_same_is_not_written(tmp_path: Path) -> None:
    path = fill(tmp_path)
    os.utime(path, ns=(1, 1))
    fill(tmp_path)  # writes the same model again, with another time of change
    assert path.stat().st_mtime_ns > 1
    os.utime(path, ns=(1, 1))
    cache = HeaderCache(path)
    cache.find_facts(candidate(tmp_path / "m.gguf"))
    cache.save()
    assert path.stat().st_mtime_ns == 1


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    path = fill(tmp_path)
    HeaderCache(path).save()
    assert json.loads(path.read_text())["headers"] == {}


def test_a_problem_is_looked_at_each_time(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    cache = HeaderCache(tmp_path / "cache.json")
    assert cache.find_facts(candidate(tmp_path / "m.gguf")).problem
    cache.save()
    assert not (tmp_path / "cache.json").exists()


def test_a_cache_that_can_not_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache.json").mkdir()
    fill(tmp_path)


def test_mlx_models_are_remembered_too(tmp_path: Path) -> None:
    add_mlx(tmp_path / "m")
    (found,) = list_mlx(Folder(tmp_path / "m", ("config.json", "model.safetensors")), Place.OWN)
    cache = HeaderCache(tmp_path / "cache.json")
    assert cache.find_facts(found).family == HEADER["general.architecture"]
    cache.save()
    change(tmp_path / "cache.json", family="remembered")
    assert HeaderCache(tmp_path / "cache.json").find_facts(found).family == "remembered"
