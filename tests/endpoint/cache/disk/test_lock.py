from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from endpoint.cache.disk import lock
from endpoint.cache.disk.lock import hold_lock


def test_one_holds_it_and_the_other_goes_on_without_in_time(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "lock", 0) as first, hold_lock(tmp_path / "lock", 0.02) as second:
        assert first
        assert not second
    with hold_lock(tmp_path / "lock", 0) as third:
        assert third
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) & 0o077 == 0


def test_whoever_waits_gets_it_when_it_is_free(tmp_path: Path) -> None:
    got = threading.Event()

    def wait_for_it() -> None:
        with hold_lock(tmp_path / "lock", 20) as held:
            if held:
                got.set()

    waiter = threading.Thread(target=wait_for_it)
    with hold_lock(tmp_path / "lock", 0):
        waiter.start()
        assert not got.is_set()
    waiter.join(20)
    assert got.is_set()


def test_where_there_are_no_locks_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_try_lock", lambda number: None)
    with hold_lock(tmp_path / "lock", 10**6) as held:
        assert not held


def test_where_no_file_can_be_the_error_is_the_callers(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), hold_lock(tmp_path / "nowhere" / "lock", 1):
        pass
