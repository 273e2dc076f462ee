from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from endpoint.providers import file_draft
from endpoint.providers.file_draft import FileDraft, is_draft, sweep_draft

needs_locks = pytest.mark.skipif(os.name == "nt", reason="Windows refuses to remove what is open instead")
HOLDER = """
import sys
from pathlib import Path
from endpoint.providers.file_draft import FileDraft
draft = FileDraft(Path(sys.argv[1]), 10)
print("holds it", flush=True)
sys.stdin.read()
"""


def only_draft(folder: Path) -> Path:
    (path,) = [path for path in folder.iterdir() if is_draft(path.name)]
    return path


def test_it_takes_its_room_at_once_and_its_place_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("old")
    draft = FileDraft(place, 1000)
    assert only_draft(tmp_path).stat().st_size == 1000
    draft.file.write(b"n" * 1000)
    assert place.read_text() == "old"
    draft.finish()
    assert place.read_bytes() == b"n" * 1000
    assert list(tmp_path.iterdir()) == [place]


def test_one_that_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    draft = FileDraft(tmp_path / "file", 1000)
    draft.file.write(b"x")
    draft.drop()
    draft.drop()
    assert not list(tmp_path.iterdir())


def test_one_whose_file_somebody_removed_fails_and_leaves_nothing(tmp_path: Path) -> None:
    draft = FileDraft(tmp_path / "file", 5)
    only_draft(tmp_path).unlink()
    with pytest.raises(FileNotFoundError):
        draft.finish()
    assert draft.file.closed
    assert not list(tmp_path.iterdir())


@needs_locks
def test_it_is_swept_when_its_writer_is_dead_and_not_before(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "file")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds it\n"
        draft = only_draft(tmp_path)
        assert not sweep_draft(draft)
        assert draft.exists()
        process.kill()
    assert sweep_draft(draft)
    assert not draft.exists()
    assert sweep_draft(draft), "it is gone"


@needs_locks
def test_without_locks_its_age_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int, flags: int) -> None:
        raise OSError(95, "Operation not supported")

    path = tmp_path / ".file.x.tmp"
    path.write_text("left")
    monkeypatch.setattr("fcntl.flock", refuse)
    assert not sweep_draft(path)
    at = time.time() - file_draft.OLD_S - 60
    os.utime(path, (at, at))
    assert sweep_draft(path)
    FileDraft(tmp_path / "file", 3).finish()
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@needs_locks
def test_a_link_is_not_swept(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    link = tmp_path / ".file.x.tmp"
    link.symlink_to(tmp_path / "mine")
    assert not sweep_draft(link)
    assert link.is_symlink()
