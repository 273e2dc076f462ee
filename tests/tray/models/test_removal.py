"""What deleting a model takes: each content once, and none that somebody else still uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from tray.errors import ModelsError, OptionError
from tray.models.model import FoundModel, Place
from tray.models.places import find_places
from tray.models.removable import plan_removal
from tray.models.removal import Removal, plan_files, plan_own, plan_repository, remove

REPO = "owner/name"


class Cache:
    """A hub's cache with one repository."""

    def __init__(self, hub: Path) -> None:
        self.hub = hub
        self.home = hub / "models--owner--name"

    def add(self, commit: str, name: str, content: bytes) -> Path:
        blob = self.home / "blobs" / f"blob-of-{content[:8].decode()}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        pointer = self.home / "snapshots" / commit / name
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.symlink_to(os.path.relpath(blob, pointer.parent))
        return pointer


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "hub")


def left(cache: Cache) -> set[str]:
    return {path.name for path in cache.home.rglob("*") if path.is_file()}


def test_a_content_that_two_snapshots_share_is_counted_once(cache: Cache) -> None:
    cache.add("one", "a.gguf", b"content-of-a")
    cache.add("two", "a.gguf", b"content-of-a")
    cache.add("two", "b.gguf", b"whatever")
    removal = plan_files(cache.hub, REPO, ["a.gguf"])
    assert removal is not None
    assert removal.freed_bytes == len(b"content-of-a")
    remove(removal)
    assert left(cache) == {"b.gguf", "blob-of-whatever"}
    assert not (cache.home / "snapshots" / "one").exists()


def test_a_content_that_another_name_leads_to_stays(cache: Cache) -> None:
    cache.add("one", "a.gguf", b"the-same")
    cache.add("one", "b.gguf", b"the-same")
    removal = plan_files(cache.hub, REPO, ["a.gguf"])
    assert removal is not None
    assert (removal.freed_bytes, removal.kept_bytes) == (0, 8)
    remove(removal)
    assert left(cache) == {"b.gguf", "blob-of-the-same"}


def test_a_link_that_leads_out_of_the_cache_is_not_followed(cache: Cache, tmp_path: Path) -> None:
    other = tmp_path / "precious.gguf"
    other.write_bytes(b"precious")
    cache.add("one", "b.gguf", b"whatever")
    (cache.home / "snapshots" / "one" / "a.gguf").symlink_to(other)
    removal = plan_files(cache.hub, REPO, ["a.gguf"])
    assert removal is not None
    assert removal.freed_bytes == 0
    remove(removal)
    assert other.read_bytes() == b"precious"
    assert left(cache) == {"b.gguf", "blob-of-whatever"}


def test_a_repository_goes_with_its_locks(cache: Cache) -> None:
    cache.add("one", "a.gguf", b"whatever")
    locks = cache.hub / ".locks" / cache.home.name
    locks.mkdir(parents=True)
    removal = plan_repository(cache.hub, REPO)
    assert removal is not None
    remove(removal)
    assert not cache.home.exists()
    assert not locks.exists()


def test_a_repository_that_is_a_link_to_elsewhere_is_not_touched(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    cache.hub.mkdir()
    cache.home.symlink_to(tmp_path / "elsewhere")
    assert plan_repository(cache.hub, REPO) is None


def test_there_is_nothing_to_plan_where_nothing_is(cache: Cache) -> None:
    assert plan_repository(cache.hub, REPO) is None
    assert plan_files(cache.hub, REPO, ["a.gguf"]) is None


def test_all_parts_of_a_split_model_in_the_apps_folder_go(tmp_path: Path) -> None:
    for name in ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "m-00001-of-00003.gguf", "other.gguf"):
        (tmp_path / name).write_bytes(b"1234")
    removal = plan_own(tmp_path, tmp_path / "m-00001-of-00002.gguf")
    assert removal is not None
    assert removal.freed_bytes == 8
    remove(removal)
    assert {path.name for path in tmp_path.iterdir()} == {"m-00001-of-00003.gguf", "other.gguf"}


@pytest.mark.parametrize("path", ["../outside.gguf", ".", "../.."])
def test_what_lies_outside_the_apps_folder_is_never_planned(tmp_path: Path, path: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    assert plan_own(own, own / path) is None


def test_what_is_served_is_recognised_by_path_file_and_repository() -> None:
    removal = Removal((Path("/hub/a/m.gguf"),), (Path("/hub/models--owner--name"),), 1)
    assert all(map(removal.holds, ["/hub/a/m.gguf", "m", "owner/name", "/hub/models--owner--name/snapshots/x/y.gguf"]))
    assert not any(map(removal.holds, ["", "/hub/a/other.gguf", "owner/other", "starter"]))


def find(name: str, *models: FoundModel, home: Path) -> Removal:
    return plan_removal(name, models, find_places({}, home, "linux", home / "own"))


@pytest.mark.parametrize(
    ("place", "told"),
    [(Place.OLLAMA, "ollama rm"), (Place.LM_STUDIO, "LM Studio"), (Place.STARTER, "stays"), (Place.FOLDER, "yours")],
)
def test_models_of_others_are_refused_with_whose_they_are(tmp_path: Path, place: Place, told: str) -> None:
    model = FoundModel(ModelRef("llamacpp", "/somewhere/m.gguf"), "m", place, 1, 0.0)
    with pytest.raises(ModelsError, match=told):
        find("m", model, home=tmp_path)


def test_a_model_behind_a_link_to_a_folder_elsewhere_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "m.gguf").write_bytes(b"1234")
    (tmp_path / "own" / "link").symlink_to(tmp_path / "elsewhere")
    path = tmp_path / "own" / "link" / "m.gguf"
    with pytest.raises(ModelsError, match="outside Traypoint's folder, where a link leads"):
        find("m", FoundModel(ModelRef("llamacpp", str(path)), "m", Place.OWN, 4, 0.0), home=tmp_path)
    assert path.exists()


def test_a_name_of_two_models_is_refused_with_both_paths(tmp_path: Path) -> None:
    models = [FoundModel(ModelRef("llamacpp", f"/{each}/m.gguf"), "m", Place.OWN, 1, 0.0) for each in "ab"]
    with pytest.raises(OptionError, match=r"/a/m\.gguf, /b/m\.gguf"):
        find("m", *models, home=tmp_path)
