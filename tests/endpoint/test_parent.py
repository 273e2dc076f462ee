"""The life line, over a pipe."""

from __future__ import annotations

import os
import threading

from endpoint.parent import ParentWatch, ParentWish

DEADLINE_S = 20.0


def listen(*chunks: bytes, kept: bool = False) -> list[ParentWish]:
    """What a parent that says this and goes is heard to wish; `kept`: nobody listens before it has gone."""
    heard: list[ParentWish] = []
    gone, left = threading.Event(), threading.Event()

    def hear(wish: ParentWish) -> None:
        heard.append(wish)
        if wish is ParentWish.GONE:
            gone.set()

    reading, writing = os.pipe()
    watch = ParentWatch(reading, leave=left.set)
    if not kept:
        watch.attach(hear)
    watch.start()
    for chunk in chunks:
        os.write(writing, chunk)
    os.close(writing)
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


def test_wishes_that_come_before_anybody_listens_are_kept() -> None:
    assert listen(b"drain\n", kept=True) == [ParentWish.DRAIN, ParentWish.GONE]
