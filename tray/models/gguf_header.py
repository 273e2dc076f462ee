"""Reads a GGUF file's header: metadata, and of the tensors only their sizes. The file is treated as hostile.

Any thread. Whatever the file claims, what is kept is bounded (KEPT_TEXT, KEPT_NUMBERS, MOST_KEYS), vocabularies are
passed over, and no tensor is read. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from tray.models.gguf_cursor import BrokenHeader, Cursor
from tray.models.gguf_types import TENSOR_FORMATS
from tray.models.regular_file import open_regular

MAGIC = b"GGUF"
MOST_KEYS = 4096
MOST_TENSORS = 65_536
LONGEST_NAME = 256
MOST_DIMENSIONS = 4
KEPT_TEXT = 1 << 20
"""Bytes of texts that are kept, in all. Chat templates take 20 kB."""
KEPT_NUMBERS = 32_768
"""Numbers that are kept of arrays, in all: one for each layer, a dozen times."""
LONGEST_KEPT = 1024
"""Numbers of an array that is kept: one for each layer. Vocabularies' scores and kinds are longer."""
LARGEST_ALIGNMENT = 1 << 20

Value = str | bool | int | float | tuple[bool | int | float, ...]

_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")
_STRING, _ARRAY = 8, 9
_CODES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_FORMS = {kind: struct.Struct(f"<{code}") for kind, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Header:
    """`values`: the keys with a number, a text or a short array of numbers; `lengths`: how many items the other arrays
    have. `weights`: by tensor format, how many there are. `end`: bytes that the file must have at least."""

    values: Mapping[str, Value]
    lengths: Mapping[str, int]
    weights: Mapping[int, int]
    end: int

    def text(self, key: str) -> str:
        """The text behind a key; empty where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """The whole number behind a key, or the largest of an array; 0 where there is none, or it makes no sense."""
        return max(self.numbers(key), default=0)

    def numbers(self, key: str) -> tuple[int, ...]:
        """One for each layer, or one for all; those that make no sense as a size are 0."""
        value = self.values.get(key, ())
        items = value if isinstance(value, tuple) else (value,)
        return tuple(int(item) if isinstance(item, int) and 0 < item < 1 << 40 else 0 for item in items)


def read_header(path: Path) -> Header:
    """Read a file's header. Raises BrokenHeader, and OSError when it can't be read."""
    with open_regular(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        return _Reader(Cursor(file, size)).read()


class _Reader:
    """Reads one header; what may still be kept is counted down here."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._text_left = KEPT_TEXT
        self._numbers_left = KEPT_NUMBERS
        self._values: dict[str, Value] = {}
        self._lengths: dict[str, int] = {}

    def read(self) -> Header:
        tensors, keys = self._read_counts()
        for _ in range(keys):
            self._read_pair()
        weights, end = self._read_tensors(tensors)
        return Header(self._values, self._lengths, weights, end)

    def _read_counts(self) -> tuple[int, int]:
        magic = self._cursor.take(len(MAGIC))
        if magic != MAGIC:
            raise BrokenHeader(f"it begins with {magic!r} instead of {MAGIC!r}, so it is no GGUF file")
        version = self._cursor.number(_U32)
        if version not in (2, 3):
            raise BrokenHeader(f"it has version {version} of GGUF; 2 and 3 are known")
        tensors, keys = self._cursor.number(_U64), self._cursor.number(_U64)
        if keys > MOST_KEYS or tensors > MOST_TENSORS:
            raise BrokenHeader(f"its header counts {keys:,} keys and {tensors:,} tensors, more than any model has")
        return tensors, keys

    def _read_pair(self) -> None:
        key = self._read_name()
        if key in self._values or key in self._lengths:
            raise BrokenHeader(f"its header has the key {key[:60]!r} twice")
        kind = self._cursor.number(_U32)
        if kind == _STRING:
            self._read_text(key)
        elif kind == _ARRAY:
            self._read_array(key)
        else:
            form = self._find_form(kind)
            self._values[key] = form.unpack(self._cursor.take(form.size))[0]

    def _read_name(self) -> str:
        length = self._cursor.number(_U64)
        if length > LONGEST_NAME:
            raise BrokenHeader(f"its header has a name of {length:,} bytes")
        return self._cursor.take(length).decode("utf-8", "replace")

    def _read_text(self, key: str) -> None:
        length = self._cursor.number(_U64)
        if length > self._text_left:
            self._cursor.skip(length)
            return
        self._text_left -= length
        self._values[key] = self._cursor.take(length).decode("utf-8", "replace")

    def _read_array(self, key: str) -> None:
        kind, count = self._cursor.number(_U32), self._cursor.number(_U64)
        if kind == _STRING:
            self._lengths[key] = count
            self._cursor.skip_strings(count)
            return
        form = self._find_form(kind)
        if count > min(LONGEST_KEPT, self._numbers_left):
            self._lengths[key] = count
            self._cursor.skip(count * form.size)
            return
        self._numbers_left -= count
        self._values[key] = struct.unpack(f"<{count}{_CODES[kind]}", self._cursor.take(count * form.size))

    @staticmethod
    def _find_form(kind: int) -> struct.Struct:
        if kind not in _FORMS:
            what = "arrays inside arrays" if kind == _ARRAY else f"a value of kind {kind}"
            raise BrokenHeader(f"its header has {what}, which GGUF doesn't know")
        return _FORMS[kind]

    def _read_tensors(self, count: int) -> tuple[Mapping[int, int], int]:
        weights: Counter[int] = Counter()
        last = 0
        for _ in range(count):
            kind, size, offset = self._read_tensor()
            weights[kind] += size
            last = max(last, offset + _weigh(kind, size))
        alignment = self._values.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= LARGEST_ALIGNMENT:
            raise BrokenHeader(f"its tensors are aligned to {alignment!r} bytes")
        start = -(-self._cursor.position // alignment) * alignment
        return weights, start + last if count else self._cursor.position

    def _read_tensor(self) -> tuple[int, int, int]:
        """Format, weights, and where it begins behind the header."""
        self._read_name()
        dimensions = self._cursor.number(_U32)
        if dimensions > MOST_DIMENSIONS:
            raise BrokenHeader(f"its header has a tensor of {dimensions} dimensions")
        *sizes, kind, offset = struct.unpack(f"<{dimensions}QIQ", self._cursor.take(8 * dimensions + 12))
        size = prod(sizes)
        if size >= 1 << 48:
            raise BrokenHeader(f"its header has a tensor of {size:,} weights, more than any model has")
        return kind, size, offset


def _weigh(kind: int, weights: int) -> int:
    """Bytes; 0 for a format that isn't known."""
    form = TENSOR_FORMATS.get(kind)
    return -(-weights // form.block) * form.block_bytes if form else 0
