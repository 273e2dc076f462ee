"""What is kept of downloads: found again as it was, and nothing of a file that somebody else wrote is trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.hub_contract import Wish
from tray.downloads.download import Download, DownloadState, Tracked
from tray.downloads.pace import begin
from tray.downloads.records import MOST, Records, read_records, settle, write_records

PAUSED = Tracked(
    Download("a/b:Q4_0", "a/b", "sub/b.gguf", DownloadState.PAUSED, 10, 40, note="Others: Q8_0"),
    partials=("/hub/blobs/1.incomplete",),
)
FAILED = Tracked(Download("c/d", "c/d", state=DownloadState.FAILED, problem="It is gated.", code="gated"))


def test_what_is_kept_is_found_again_in_its_order(tmp_path: Path) -> None:
    records = Records((FAILED, PAUSED), 12_000_000)
    write_records(tmp_path / "state" / "downloads.json", records)
    assert read_records(tmp_path / "state" / "downloads.json") == records


@pytest.mark.parametrize("state", [DownloadState.RUNNING, DownloadState.VERIFYING, DownloadState.QUEUED])
def test_what_goes_on_by_itself_is_kept_as_waiting_without_its_speed(state: DownloadState) -> None:
    shown = replace(PAUSED.shown, state=state, bytes_per_s=5, seconds_left=6, waiting="the connection broke")
    kept = settle(Tracked(shown, begin(10, 0.0), PAUSED.partials))
    assert kept == replace(PAUSED, shown=replace(PAUSED.shown, state=DownloadState.QUEUED))


@pytest.mark.parametrize("state", [DownloadState.DONE, DownloadState.CANCELLED])
def test_what_is_over_is_not_kept(state: DownloadState) -> None:
    assert settle(replace(PAUSED, shown=replace(PAUSED.shown, state=state))) is None


def test_a_wish_that_is_not_fulfilled_yet_counts() -> None:
    running = replace(PAUSED, shown=replace(PAUSED.shown, state=DownloadState.RUNNING))
    assert settle(running, Wish.PAUSE) == PAUSED
    assert settle(running, Wish.CANCEL) is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"downloads": 3}', '{"downloads": {}, "bytes_per_s": "9"}', "\0", "[" * 100_000]
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(content: str, tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    path.write_text(content)
    assert read_records(path) == Records()
    write_records(path, Records((PAUSED,)))
    assert read_records(path) == Records((PAUSED,))


@pytest.mark.parametrize(
    "change",
    [
        {"wanted": ""},
        {"wanted": 3},
        {"wanted": "a/b\0"},
        {"wanted": "a/\ud800"},
        {"wanted": "a/b\nc"},
        {"wanted": "a/" + "b" * 5000},
        {"state": "done"},
        {"state": None},
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    odd = {"wanted": "a/b", "state": "queued"} | change
    path.write_text(json.dumps({"downloads": [None, [], odd, {"wanted": "c/d", "state": "queued", "later": True}]}))
    assert [each.shown.wanted for each in read_records(path).downloads] == ["c/d"]


def test_figures_and_paths_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    odd = {"done_bytes": 9, "total_bytes": 5, "file": 7, "partials": ["/p", 3, "", "/\0", "/\ud800", "x" * 5000]}
    path.write_text(json.dumps({"downloads": [{"wanted": "a/b", "state": "paused", **odd}], "bytes_per_s": -1}))
    records = read_records(path)
    assert records.bytes_per_s == 0
    [only] = records.downloads
    assert (only.shown.done_bytes, only.shown.total_bytes, only.shown.file) == (5, 5, "")
    assert only.partials == ("/p",)


def test_there_is_an_end_to_how_many_are_read_and_each_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    many = [{"wanted": f"a/{number}", "state": "queued"} for number in range(MOST)]
    path.write_text(json.dumps({"downloads": [*many[:5], *many[:5]]}))
    assert len(read_records(path).downloads) == 5
    path.write_text(json.dumps({"downloads": [*many, *many]}))
    assert len(read_records(path).downloads) == MOST
