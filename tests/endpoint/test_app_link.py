"""The endpoint's line to its app: by itself, and in a real process."""

from __future__ import annotations

import io
from pathlib import Path

from endpoint.app_contract import (
    Deed,
    DownloadWish,
    ToldDownloads,
    format_downloads,
    parse_wish,
)
from endpoint.app_link import AppLink
from tests.endpoint.fake_app import RUNNING, TOLD
from tests.endpoint.process import live
from tests.endpoint.serving import wait_until


def test_what_was_told_last_counts_and_before_that_nothing() -> None:
    link = AppLink(io.StringIO())
    assert link.downloads() is None
    link.hear(TOLD)
    link.hear(ToldDownloads())
    assert link.downloads() == ToldDownloads()


def test_each_wish_is_a_line() -> None:
    out = io.StringIO()
    link = AppLink(out)
    wishes = [DownloadWish(Deed.START, "a/b"), DownloadWish(Deed.FORGET, "a/b:Q4_0")]
    for wish in wishes:
        link.wish(wish)
    assert [parse_wish(line) for line in out.getvalue().splitlines()] == wishes


def test_a_managed_endpoint_hears_its_parent_and_passes_wishes_on(tmp_path: Path) -> None:
    with live(tmp_path, "--provider", "fake", "--model", "echo") as running:
        running.wait_for_status("healthy")
        assert running.get("/app/downloads") == {"available": False, "downloads": [], "offers": []}
        wish = {"deed": "pause", "wanted": RUNNING.wanted}
        assert running.post("/app/downloads", wish)[0] == 409
        running.tell(format_downloads(TOLD))
        wait_until(lambda: running.get("/app/downloads")["available"] is True, "downloads")
        assert running.post("/app/downloads", wish) == (202, wish)
        assert running.process.stdout
        lines = iter(running.process.stdout.readline, "")
        assert next(filter(None, map(parse_wish, lines))) == DownloadWish(Deed.PAUSE, RUNNING.wanted)
        running.tell("stop")
        assert running.process.wait(20) == 0
