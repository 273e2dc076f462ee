"""A download's state, event by event, and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import ModelRef
from endpoint.hub_contract import Done, Failed, HubEvent, Progress, Started, Stopped, Verifying, Waiting
from tray.downloads.download import Download, DownloadState, Tracked, follow, track
from tray.downloads.words import describe_for_programs, describe_progress, draw_bar

WANTED = "owner/name-GGUF:Q4_K_M"
STARTED = Started("owner/name-GGUF", "name-Q4_K_M.gguf", 1, 0, 4_000_000_000, "a note", ("/partial",))


def after(*events: HubEvent) -> Tracked:
    """The download after these events, a second between two."""
    tracked = track(WANTED)
    for second, event in enumerate(events):
        tracked = follow(tracked, event, float(second))
    return tracked


def test_one_that_was_only_asked_for_waits() -> None:
    assert track(WANTED).shown == Download(WANTED, "owner/name-GGUF")
    assert describe_progress(track(WANTED).shown) == "waiting for the one before"


def test_it_runs_with_speed_and_time_left() -> None:
    shown = after(STARTED, Progress(40_000_000, 4_000_000_000)).shown
    assert shown.state is DownloadState.RUNNING
    assert (shown.bytes_per_s, shown.seconds_left) == (40_000_000, 99)
    assert describe_progress(shown) == "1% · 40 MB/s · 2 min left"


def test_while_it_waits_there_is_no_speed_but_a_reason() -> None:
    shown = after(STARTED, Progress(10, 100), Waiting("the connection broke", 4)).shown
    assert shown.bytes_per_s is None
    assert describe_progress(shown) == "the connection broke; trying again in 4 s"
    assert after(STARTED, Waiting("x", 4), Progress(10, 100)).shown.waiting == ""


def test_verifying_is_told_as_such_and_the_next_file_runs_again() -> None:
    assert after(STARTED, Verifying("f", 0, 10)).shown.state is DownloadState.VERIFYING
    assert after(STARTED, Verifying("f", 0, 10), Progress(20, 30)).shown.state is DownloadState.RUNNING


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (Done("llamacpp", "/m.gguf", 100, 60), DownloadState.DONE),
        (Stopped("pause"), DownloadState.PAUSED),
        (Stopped("cancel"), DownloadState.CANCELLED),
        (Failed("gated", "It is gated."), DownloadState.FAILED),
    ],
)
def test_each_end_has_its_state_and_no_speed(end: HubEvent, state: DownloadState) -> None:
    shown = after(STARTED, Progress(10, 100), end).shown
    assert shown.state is state
    assert shown.bytes_per_s is None
    assert shown.seconds_left is None


def test_what_is_done_can_be_served() -> None:
    assert after(STARTED, Done("mlx", "owner/name", 100, 100)).shown.ref == ModelRef("mlx", "owner/name")


def test_a_failure_says_why_and_a_new_start_forgets_it() -> None:
    failed = after(STARTED, Failed("gated", "It is gated."))
    assert (failed.shown.code, failed.shown.problem) == ("gated", "It is gated.")
    assert follow(failed, STARTED, 9.0).shown.problem == ""


@pytest.mark.parametrize("width", [40, 60, 79, 80, 120, 200])
@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize(
    "name", ["m.gguf", "a-very-long-name-of-a-model-that-nobody-could-read-Q4_K_M-00001-of-00009.gguf"]
)
def test_a_bar_fits_its_width(width: int, is_plain: bool, name: str) -> None:
    shown = replace(after(STARTED, Progress(1_234_000_000, 4_000_000_000)).shown, file=f"folder/{name}")
    line = draw_bar(shown, width, is_plain=is_plain)
    assert len(line) <= width
    assert line.isascii() is is_plain or width < 79
    assert "30%" in line or width < 60


def test_a_bar_in_80_columns_has_all_that_is_to_be_known() -> None:
    line = draw_bar(after(STARTED, Progress(1_000_000_000, 4_000_000_000)).shown, 79, is_plain=True)
    assert line == "name-Q4_K_M.gguf  ###---------   25%  1.00 GB of 4.00 GB  1.00 GB/s  3 s left"


def test_a_bar_says_why_nothing_comes_in_place_of_the_figures() -> None:
    shown = after(STARTED, Progress(1_000_000_000, 4_000_000_000), Waiting("the connection broke", 16)).shown
    assert draw_bar(shown, 79, is_plain=True).endswith("  25%  the connection broke; trying again in 16 s")


def test_programs_are_told_every_field() -> None:
    told = describe_for_programs(after(STARTED, Progress(1, 4)).shown)
    assert told["state"] == "running"
    assert told["percent"] == 25
    assert {"done_bytes", "total_bytes", "bytes_per_s", "seconds_left", "problem", "ref"} <= set(told)
