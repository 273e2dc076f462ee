"""The life line, over a pipe."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

from endpoint.app_contract import LONGEST_LINE, ToldDownloads, format_downloads
from endpoint.parent import ParentWatch, ParentWish
from tests.endpoint.fake_app import RUNNING, TOLD

DEADLINE_S = 20.0


def listen(*chunks: bytes, kept: bool = False, told: list[ToldDownloads] | None = None) -> list[ParentWish]:
    """What a parent that says this and goes is heard to wish; `kept`: nobody listens before it has gone. `told` gets
    what it tells of downloads."""
    heard: list[ParentWish] = []
    gone, left = threading.Event(), threading.Event()

    def hear(wish: ParentWish) -> None:
        heard.append(wish)
        if wish is ParentWish.GONE:
            gone.set()

    reading, writing = os.pipe()
    watch = ParentWatch(([] if told is None else told).append, reading, leave=left.set)
    if not kept:
        watch.attach(hear)
    watch.start()
    with os.fdopen(writing, "wb") as parent:
        parent.writelines(chunks)
    if kept:
        assert left.wait(DEADLINE_S)
        watch.attach(hear)
    assert gone.wait(DEADLINE_S)
    assert left.wait(DEADLINE_S)
    os.close(reading)
    return heard


def test_each_line_is_a_wish_and_the_end_of_the_file_the_last() -> None:
    assert listen(b"drain\nstop\n") == [ParentWish.DRAIN, ParentWish.STOP, ParentWish.GONE]


def test_lines_may_come_in_pieces_and_with_blanks() -> None:
    assert listen(b"dr", b"ain \r\nst", b"op\n") == [ParentWish.DRAIN, ParentWish.STOP, ParentWish.GONE]


def test_what_is_no_line_of_ours_is_no_wish() -> None:
    assert listen(b"restart\n\ndrained\nstop") == [ParentWish.GONE]


def test_downloads_are_heard_between_wishes_however_long_their_line() -> None:
    many = ToldDownloads(tuple(replace(RUNNING, wanted=f"a/b:{number}", note="ü" * 400) for number in range(50)))
    told: list[ToldDownloads] = []
    lines = [format_downloads(many), "drain", format_downloads(TOLD), "stop", ""]
    assert listen("\n".join(lines).encode(), told=told) == [ParentWish.DRAIN, ParentWish.STOP, ParentWish.GONE]
    assert told == [many, TOLD]


def test_a_line_without_end_is_not_kept_and_the_next_one_counts() -> None:
    told: list[ToldDownloads] = []
    endless = f"downloads {' ' * (2 * LONGEST_LINE)}" + format_downloads(TOLD).partition(" ")[2]
    heard = listen(endless.encode(), b"\n", format_downloads(TOLD).encode(), b"\nstop\n", told=told)
    assert heard == [ParentWish.STOP, ParentWish.GONE]
    assert told == [TOLD]


def test_wishes_that_come_before_anybody_listens_are_kept() -> None:
    assert listen(b"drain\n", kept=True) == [ParentWish.DRAIN, ParentWish.GONE]
