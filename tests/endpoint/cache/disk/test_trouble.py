"""What a disk and other people can do: nothing of it raises, and each fault has one line in the log."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.cache.disk.store import Found, Gone, Loaded, Note, NotLoaded, NotSaved
from tests.endpoint.cache.disk.rig import MODEL, Opened, file_names, make_state, name_of, opened, same
from tests.endpoint.cache.disk.test_room import Usage

STATE = make_state(1, 150_000)
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def save_in_vain(shop: Opened, count: int = 3) -> None:
    for number in range(count):
        shop.store.save(make_state(50 + number, 150_000))
        shop.take(NotSaved)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can't be mounted here: that takes Linux and root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_file_in_the_folders_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = tmp_path / "prefixes"
    root.write_text("a file")
    with opened(root) as shop:
        assert shop.take(Found) == Found((), ())
        save_in_vain(shop)
        shop.store.load(name_of(STATE))
        shop.take(NotLoaded)
        shop.store.touch(name_of(STATE))
        shop.store.put_note(Note("a", name_of(STATE), {}))
        shop.store.drop_note("a")
        shop.store.delete(name_of(STATE))
        shop.take(Gone)
        shop.store.clear()
        shop.take(Gone)
        assert shop.store.bytes == 0
    saving = [line for line in lines(caplog) if "could not be saved" in line or "File exists" in line]
    assert len(saving) == 1
    assert root.read_text() == "a file"


def test_it_is_used_again_when_the_trouble_is_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = tmp_path / "prefixes"
    root.write_text("a file")
    with opened(root) as shop:
        save_in_vain(shop)
        root.unlink()
        shop.save(STATE)
        shutil.rmtree(root)
        shop.save(STATE)
        assert len(lines(caplog)) == 1
        shutil.rmtree(root)
        root.write_text("again")
        save_in_vain(shop)
    assert len(lines(caplog)) == 2


def test_a_full_disk_that_is_seen_before(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(small_disk / "prefixes") as shop:
        shop.save(STATE)
        (small_disk / "foreign").write_bytes(b"x" * ((2 << 20) - 220_000))
        save_in_vain(shop)
        shop.store.load(name_of(STATE))
        assert same(shop.take(Loaded).state, STATE)
    assert len(lines(caplog)) == 1
    assert "no room can be made" in lines(caplog)[0]


def test_a_disk_that_becomes_full_while_it_is_written(
    small_disk: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 0, 1 << 40))
    root = small_disk / "prefixes"
    with opened(root) as shop:
        shop.save(STATE)
        (small_disk / "foreign").write_bytes(b"x" * ((2 << 20) - 300_000))
        save_in_vain(shop)
        assert file_names(root) == {f"{name_of(STATE)}.state"}
        for number in range(20):  # small ones, until not even a name has room
            shop.store.put_note(Note(str(number), name_of(STATE), {"text": "x" * 20_000}))
        shop.settle()
        assert not [name for name in file_names(root) if name.endswith(".tmp")]
        (small_disk / "foreign").unlink()
        shop.save(make_state(3, 150_000))
    assert "No space left on device" in lines(caplog)[0]
    assert len([line for line in lines(caplog) if "could not be saved" in line]) == 1


def test_a_disk_that_can_only_be_read(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = small_disk / "prefixes"
    with opened(root) as shop:
        shop.save(STATE)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with opened(root) as shop:
        assert [entry.id for entry in shop.take(Found).entries] == [name_of(STATE)]
        save_in_vain(shop)
        shop.store.load(name_of(STATE))
        assert same(shop.take(Loaded).state, STATE)
        shop.store.put_note(Note("a", name_of(STATE), {}))
        shop.store.clear()
        shop.settle()
        assert shop.store.bytes > 150_000
    assert len(lines(caplog)) == 1
    assert "Read-only file system" in lines(caplog)[0]


def test_foreign_files_and_links_are_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root, outside = tmp_path / "prefixes", tmp_path / "outside"
    with opened(outside) as shop:
        shop.save(make_state(9))
    with opened(root) as shop:
        shop.save(STATE)
    secret = outside / MODEL / f"{name_of(make_state(9))}.state"
    kept = [root / "README", root / MODEL / "notes.txt", root / MODEL / "x.state", root / "somewhere" / "a.state"]
    (root / "somewhere").mkdir()
    for path in kept:
        path.write_text("mine")
    links = [root / MODEL / secret.name, root / "beef", root / MODEL / "notes" / "a.note", root / MODEL / ".a.tmp"]
    for link, target in zip(links, (secret, outside / MODEL, secret, secret), strict=True):
        link.symlink_to(target)
    with opened(root) as shop:
        assert [entry.id for entry in shop.take(Found).entries] == [name_of(STATE)]
        shop.store.load(name_of(make_state(9)))
        shop.take(NotLoaded)
        shop.store.clear()
        shop.take(Gone)
    assert secret.exists()
    assert all(path.read_text() == "mine" for path in kept)
    assert all(link.is_symlink() for link in links)


@posix
def test_a_link_in_the_models_place_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root, outside = tmp_path / "prefixes", tmp_path / "outside"
    root.mkdir()
    with opened(outside) as shop:
        shop.save(STATE)
    (root / MODEL).symlink_to(outside / MODEL)
    with opened(root) as shop:
        assert shop.take(Found).entries == ()
        save_in_vain(shop)
    assert len(lines(caplog)) == 1
    assert "a link" in lines(caplog)[0]


@posix
def test_a_folder_in_which_anybody_may_write_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = tmp_path / "prefixes"
    root.mkdir()
    root.chmod(0o777)
    with opened(root) as shop:
        save_in_vain(shop)
        assert "chmod o-w" in lines(caplog)[0]
        root.chmod(0o1777)
        shop.save(STATE)
    assert len(lines(caplog)) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as shop:
        shop.save(STATE)
    os.chown(tmp_path / MODEL, 12345, -1)
    with opened(tmp_path) as shop:
        assert shop.take(Found).entries == ()
        save_in_vain(shop)
    assert len(lines(caplog)) == 1
    assert "somebody else owns it" in lines(caplog)[0]


@posix
def test_a_folder_of_ours_that_is_too_open_is_closed(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.save(STATE)
    (tmp_path / MODEL).chmod(0o775)
    with opened(tmp_path) as shop:
        assert len(shop.take(Found).entries) == 1
    assert (tmp_path / MODEL).stat().st_mode & 0o777 == 0o700


def test_a_defect_costs_one_prefix_and_not_the_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as shop:
        shop.save(STATE)
        with monkeypatch.context() as patch:
            patch.setattr("endpoint.cache.disk.shelf.read_state", lambda *_: 1 / 0)
            shop.store.load(name_of(STATE))
            assert "ZeroDivisionError" in shop.take(NotLoaded).reason
        shop.store.load(name_of(STATE))
        assert same(shop.take(Loaded).state, STATE)
