"""Orders and news through a real pipe, to a reader that reads or doesn't."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from tray.child_input import ChildInput

PATIENCE_S = 20.0
LONG = "x" * 1_000_000
"""Far more than a pipe holds."""


@pytest.fixture
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The end to read, and the one to write, which a ChildInput closes."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        yield reader, os.fdopen(writing, "wb")


def read_line(reader: IO[bytes]) -> str:
    return reader.readline().decode().rstrip("\n")


def test_orders_and_news_come_as_lines(pipe: tuple[IO[bytes], IO[bytes]]) -> None:
    reader, writer = pipe
    told = ChildInput(writer, "writer")
    told.order("drain")
    assert read_line(reader) == "drain"
    told.inform("downloads 1")
    assert read_line(reader) == "downloads 1"
    told.close()
    assert reader.read() == b""


def test_of_news_that_come_fast_the_last_is_never_lost(pipe: tuple[IO[bytes], IO[bytes]]) -> None:
    reader, writer = pipe
    told = ChildInput(writer, "writer", news_s=0.05)
    for number in range(1000):
        told.inform(str(number))
    seen = [read_line(reader)]
    while seen[-1] != "999":
        seen.append(read_line(reader))
    assert len(seen) < 100
    assert seen == sorted(seen, key=int)
    told.close()


def test_an_order_does_not_wait_for_the_time_of_the_next_news(pipe: tuple[IO[bytes], IO[bytes]]) -> None:
    reader, writer = pipe
    told = ChildInput(writer, "writer", news_s=3600)
    told.inform("first")
    assert read_line(reader) == "first"
    told.inform("second")
    told.order("stop")
    assert read_line(reader) == "stop"
    told.close()
    assert reader.read() == b""


def test_a_child_that_does_not_read_holds_nobody_up_and_hears_the_order_once_it_does(
    pipe: tuple[IO[bytes], IO[bytes]],
) -> None:
    reader, writer = pipe
    told = ChildInput(writer, "writer", news_s=0)
    told.inform(f"0 {LONG}")
    assert reader.read(1) == b"0"  # so it is being written, and can't be to its end
    for number in range(1, 100):
        told.inform(f"{number} {LONG}")
    told.order("stop")
    assert read_line(reader) == f" {LONG}"
    assert read_line(reader) == "stop"
    assert read_line(reader) == f"99 {LONG}"
    told.close()


def test_closing_waits_for_nobody_and_a_reader_that_goes_ends_it(pipe: tuple[IO[bytes], IO[bytes]]) -> None:
    reader, writer = pipe
    told = ChildInput(writer, "a-writer-of-its-own")
    told.inform(LONG)
    told.close()
    reader.close()
    for thread in threading.enumerate():
        if thread.name == "a-writer-of-its-own":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    assert writer.closed


def test_a_stream_that_is_no_pipe_any_more_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = os.fdopen(writing, "wb")
    told = ChildInput(writer, "writer")
    told.order("stop")
    told.close()
