"""Goes forward through a file that may be hostile: bounded steps, a small buffer, and nothing read that is passed over.

Any thread, one at a time. Invariant: the buffer holds BUFFER_BYTES at most, or what a single `take` asked for.
"""

from __future__ import annotations

import struct
from io import FileIO

BUFFER_BYTES = 128 << 10
LARGEST_HEADER = 256 << 20
"""Bytes. The largest vocabularies take some 20 MB."""
MOST_STRINGS = 2_000_000
"""That may be passed over, in all: four times the largest vocabulary with its merges, some tenths of a second."""

_LENGTH = struct.Struct("<Q")


class BrokenHeader(Exception):
    """The file isn't what its name says; the message says what is wrong, in one line without a full stop."""


class Cursor:
    """A place in a file of `size` bytes. Every method raises BrokenHeader where the file ends too early or
    a header of this length can't be meant, and OSError where it can't be read."""

    def __init__(self, file: FileIO, size: int) -> None:
        self._file = file
        self._end = min(size, LARGEST_HEADER)
        self._is_cut = size > LARGEST_HEADER
        self._start = 0  # where the buffer begins in the file
        self._buffer = b""
        self._at = 0  # in the buffer
        self._strings = MOST_STRINGS

    @property
    def position(self) -> int:
        """Bytes behind this place."""
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes; the caller bounds the count."""
        if count > len(self._buffer) - self._at:
            self._fill(count)
        self._at += count
        return self._buffer[self._at - count : self._at]

    def number(self, form: struct.Struct) -> int:
        """The next number of a form that has one."""
        value: int = form.unpack(self.take(form.size))[0]
        return value

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        if count <= len(self._buffer) - self._at:
            self._at += count
            return
        target = self.position + count
        self._check(target)
        self._file.seek(target)
        self._start, self._buffer, self._at = target, b"", 0

    def skip_strings(self, count: int) -> None:
        """Pass over `count` strings, each with its length before it."""
        self._strings -= count
        if self._strings < 0:
            raise BrokenHeader(f"its header counts more than {MOST_STRINGS:,} strings")
        while count:
            passed = self._pass_strings(count)
            count -= passed
            if not passed:
                self._fill(_LENGTH.size)

    def _pass_strings(self, count: int) -> int:
        """Pass over those that begin in the buffer; how many. The innermost loop: 300,000 rounds for a usual model."""
        buffer, at, read = self._buffer, self._at, _LENGTH.unpack_from
        last = len(buffer) - _LENGTH.size
        passed = count
        for number in range(count):
            if at > last:
                passed = number
                break
            at += _LENGTH.size + read(buffer, at)[0]
        self.skip(at - self._at)
        return passed

    def _fill(self, count: int) -> None:
        """Have at least `count` bytes from here on in the buffer."""
        rest = self._buffer[self._at :]
        self._check(self.position + count)
        self._start += self._at
        self._at = 0
        self._buffer = rest + self._file.read(max(count, BUFFER_BYTES) - len(rest))
        if len(self._buffer) < count:
            raise BrokenHeader("it ends in the middle of its header: half-downloaded")

    def _check(self, target: int) -> None:
        if target <= self._end:
            return
        if self._is_cut:
            raise BrokenHeader(f"its header claims to be larger than {LARGEST_HEADER >> 20} MiB")
        raise BrokenHeader("it ends in the middle of its header: half-downloaded")
