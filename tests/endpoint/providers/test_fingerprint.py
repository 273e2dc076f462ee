from __future__ import annotations

import os
from pathlib import Path

import pytest

from endpoint.providers.fingerprint import SMALL, identify_files, make_fingerprint

SIZE = SMALL + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Sparse: it takes no room."""
    path = tmp_path / "model"
    with path.open("wb") as file:
        file.truncate(SIZE)
    os.utime(path, ns=(0, 10**18))
    return path


def test_a_moved_file_is_the_same(path: Path) -> None:
    before = identify_files([path])
    assert identify_files([path.rename(path.with_name("elsewhere"))]) == before


@pytest.mark.parametrize("place", [0, SIZE // 3, SIZE - 1])
def test_other_content_is_another_file(path: Path, place: int) -> None:
    before = identify_files([path])
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"!" * (1 << 20))
        file.truncate(SIZE)
    os.utime(path, ns=(0, 10**18))
    assert identify_files([path]) != before


def test_another_length_or_time_is_another_file(path: Path) -> None:
    before = identify_files([path])
    os.utime(path, ns=(0, 10**18 + 1))
    later = identify_files([path])
    os.truncate(path, SIZE + 1)
    os.utime(path, ns=(0, 10**18))
    assert len({before, later, identify_files([path])}) == 3


def test_small_and_empty_files_are_told_apart(tmp_path: Path) -> None:
    for name, content in (("a", b""), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, ns=(0, 10**18))
    assert len({identify_files([tmp_path / name]) for name in "abc"}) == 3


def test_one_byte_of_a_small_file_is_seen_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model"
    content = bytearray(3 << 20)
    found = set()
    for place in (0, 1_234_567, len(content) - 1):
        content[place] ^= 1
        path.write_bytes(content)
        os.utime(path, ns=(0, 10**18))
        found.add(identify_files([path]))
    assert len(found) == 3


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identify_files([tmp_path / "nothing"])


def test_a_fingerprint_knows_facts_by_name_whatever_their_order() -> None:
    one = make_fingerprint({"template": None, "flash": True})
    assert make_fingerprint({"flash": True, "template": None}) == one
    assert len({one, make_fingerprint({"flash": None, "template": True}), make_fingerprint({"flash": True})}) == 3
