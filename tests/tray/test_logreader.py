"""The log's reader beside its writer: rotation, truncation, and files that come late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tray.logfile import RotatingLog
from tray.logreader import follow, read_tail


def at_noon() -> datetime:
    return datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "e.log"


def steps(*deeds: Callable[[], object]) -> Callable[[], bool]:
    """A `wait` that does one thing before each look, and ends after the last."""
    left: Iterator[Callable[[], object]] = iter(deeds)

    def wait() -> bool:
        deed = next(left, None)
        if deed is None:
            return False
        deed()
        return True

    return wait


def append(path: Path, text: str) -> Callable[[], object]:
    def deed() -> None:
        with path.open("a") as file:
            file.write(text)

    return deed


def rotate(path: Path) -> None:
    """As the writer does it with three files."""
    for number in (1, 0):
        older = path.with_name(f"{path.name}.{number}") if number else path
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))


def test_the_last_lines_are_taken_from_several_files(path: Path) -> None:
    path.with_name("e.log.2").write_text("1\n2\n")
    path.with_name("e.log.1").write_text("3\n4\n")
    path.write_text("5\n")
    assert read_tail(path, 2)[0] == b"4\n5\n"
    assert read_tail(path, 4)[0] == b"2\n3\n4\n5\n"
    assert read_tail(path, 100)[0] == b"1\n2\n3\n4\n5\n"
    assert read_tail(path, 0)[0] == b""


def test_a_log_that_is_not_there_has_no_place_in_it(path: Path) -> None:
    assert read_tail(path, 5) == (b"", None)


def test_what_is_added_follows_the_tail_without_a_gap(path: Path) -> None:
    path.write_text("a\nhal")
    text, bookmark = read_tail(path, 1)
    assert text == b"hal"
    assert b"".join(follow(path, bookmark, steps(append(path, "f\n"), list, append(path, "c\n")))) == b"f\nc\n"


def test_a_log_that_comes_late_is_read_from_its_beginning(path: Path) -> None:
    assert b"".join(follow(path, None, steps(list, append(path, "first\n")))) == b"first\n"


def test_nothing_is_lost_or_told_twice_when_the_log_is_rotated_twice_between_two_looks(path: Path) -> None:
    path.write_text("old\n")
    _, bookmark = read_tail(path, 1)

    def twice() -> None:
        append(path, "a\n")()
        rotate(path)
        append(path, "b\n")()
        rotate(path)
        append(path, "c\n")()

    assert b"".join(follow(path, bookmark, steps(twice, list, append(path, "d\n")))) == b"a\nb\nc\nd\n"


def test_a_log_that_is_emptied_is_read_from_its_beginning_again(path: Path) -> None:
    path.write_text("long enough\n")
    _, bookmark = read_tail(path, 1)
    assert b"".join(follow(path, bookmark, steps(lambda: path.write_text("new\n")))) == b"new\n"


def test_when_its_place_is_rotated_away_all_that_is_left_is_told(path: Path) -> None:
    path.write_text("old\n")
    _, bookmark = read_tail(path, 1)

    def away() -> None:
        path.rename(path.with_name("elsewhere"))
        path.with_name("e.log.1").write_text("x\n")
        path.write_text("y\n")

    assert b"".join(follow(path, bookmark, steps(away))) == b"x\ny\n"


def test_it_keeps_up_with_the_real_writer(path: Path) -> None:
    log = RotatingLog(path, max_bytes=100, clock=at_noon)
    looks = [lambda number=number: log.write(f"line {number}") for number in range(20)]
    told = b"".join(follow(path, None, steps(*looks))).decode().splitlines()
    log.close()
    assert [line.rpartition("line ")[2] for line in told] == [str(number) for number in range(20)]
