from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

import pytest

from tray.logfile import RotatingLog


def at_noon() -> datetime:
    return datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def test_lines_get_the_time_unless_they_bring_one(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "sub" / "e.log", clock=at_noon)
    log.write("llama: loaded")
    log.write("2026-11-22 12:00:01,000 INFO ready")
    log.close()
    assert log.path.read_text() == ("2026-11-22 12:00:00.000+00:00 llama: loaded\n2026-11-22 12:00:01,000 INFO ready\n")


def test_a_full_file_is_rotated_and_the_oldest_dropped(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "e.log", max_bytes=60, max_files=3, clock=at_noon)
    for number in range(8):
        log.write(f"line {number} is long enough")
    log.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e.log", "e.log.1", "e.log.2"]
    assert "line 7" in log.path.read_text()
    assert "line 6" in (tmp_path / "e.log.1").read_text()
    assert all(p.stat().st_size <= 60 for p in tmp_path.iterdir())


def test_an_existing_log_is_continued_and_its_size_counts(tmp_path: Path) -> None:
    path = tmp_path / "e.log"
    path.write_text("x" * 59 + "\n")
    log = RotatingLog(path, max_bytes=60, clock=at_noon)
    log.write("new")
    log.close()
    assert (tmp_path / "e.log.1").read_text() == "x" * 59 + "\n"


def test_a_log_that_cannot_be_written_does_not_raise_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "e.log"
    path.mkdir()
    log = RotatingLog(path, clock=at_noon)
    log.write("lost")
    path.rmdir()
    log.write("kept")
    log.close()
    assert "kept" in path.read_text()


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_log_is_for_its_owner_only(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "e.log", clock=at_noon)
    log.write("x")
    log.close()
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
