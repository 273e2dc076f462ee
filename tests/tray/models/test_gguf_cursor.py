from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tray.models.gguf_cursor import BUFFER_BYTES, LARGEST_HEADER, BrokenHeader, Cursor
from tray.models.regular_file import open_regular


@contextmanager
def cursor(tmp_path: Path, content: bytes) -> Iterator[Cursor]:
    path = tmp_path / "file"
    path.write_bytes(content)
    with open_regular(path) as file:
        yield Cursor(file, len(content))


def test_it_goes_forward_in_steps_of_any_size(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2048
    with cursor(tmp_path, content) as place:
        assert place.take(3) == content[:3]
        place.skip(BUFFER_BYTES + 7)
        assert place.take(5) == content[BUFFER_BYTES + 10 : BUFFER_BYTES + 15]
        assert place.position == BUFFER_BYTES + 15


def test_a_string_may_lie_across_the_ends_of_buffers(tmp_path: Path) -> None:
    words = [b"x" * size for size in (BUFFER_BYTES - 12, 1, 3 * BUFFER_BYTES, 0, 5)]
    content = b"".join(struct.pack("<Q", len(word)) + word for word in words) + b"end"
    with cursor(tmp_path, content) as place:
        place.skip_strings(len(words))
        assert place.take(3) == b"end"


def test_beyond_the_end_there_is_nothing(tmp_path: Path) -> None:
    with cursor(tmp_path, b"1234") as place:
        place.skip(4)
        with pytest.raises(BrokenHeader, match="half-downloaded"):
            place.take(1)
        with pytest.raises(BrokenHeader, match="half-downloaded"):
            place.skip(1)


def test_a_header_is_not_followed_without_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1234")
    with open_regular(path) as file, pytest.raises(BrokenHeader, match="larger than 256 MiB"):
        Cursor(file, LARGEST_HEADER * 2).skip(LARGEST_HEADER + 1)
