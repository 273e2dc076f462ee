"""The file says what was kept last, and a disk that takes nothing stops nobody."""

from __future__ import annotations

from pathlib import Path

from tray.downloads.download import track
from tray.downloads.keeper import Keeper
from tray.downloads.records import Records, read_records

FIRST, SECOND = Records((track("a/b"),)), Records((track("c/d"), track("a/b")), 7)


def test_what_was_kept_last_is_in_the_file_when_it_is_closed(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "state" / "downloads.json")
    keeper.keep(FIRST)
    keeper.keep(SECOND)
    keeper.close()
    assert read_records(tmp_path / "state" / "downloads.json") == SECOND


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    keeper = Keeper(tmp_path / "state" / "downloads.json")
    for records in (FIRST, SECOND):
        keeper.keep(records)
    keeper.close()
    assert (tmp_path / "state").read_bytes() == b""
