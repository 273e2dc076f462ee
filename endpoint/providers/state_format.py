"""What a file of saved state looks like: its header, and where its blocks are. Any thread, no state.

    bytes 0-19    magic, version, length and CRC-32 of the header: 8s, then three little-endian 32-bit words
    header        JSON: fingerprint, layout, checkpoints, and [size, CRC-32] of each block
    blocks        each begins at a multiple of 64: the tokens (little-endian 32-bit words), then the parts

Nothing that a file says of sizes is believed before the file's own length has shown it.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import IO

from endpoint.errors import StateFault
from endpoint.providers.saved_state import Part

MAGIC = b"TRAYKV\r\n"
VERSION = 1
ALIGNMENT = 64
MOST_HEADER = 1 << 22
"""Bytes: a few hundred are usual; thousands of parts with a long layout take some hundred thousand."""
TOKEN_BYTES = 4
MOST_TOKENS = 1 << 24
START = struct.Struct("<8sIII")


@dataclass(frozen=True, slots=True)
class Header:
    """`blocks`: size in bytes and CRC-32 of each, the tokens' first."""

    fingerprint: str
    layout: str
    checkpoints: tuple[int, ...]
    blocks: tuple[tuple[int, int], ...]

    @property
    def token_bytes(self) -> int:
        """Size of the tokens' block."""
        return self.blocks[0][0]

    def pack(self) -> bytes:
        """A file's first bytes, to the end of the header."""
        text = json.dumps(asdict(self)).encode()
        return START.pack(MAGIC, VERSION, len(text), zlib.crc32(text)) + text

    def place(self, offset: int) -> tuple[list[int], int]:
        """Where the blocks begin behind a header that ends at `offset`, and where the last one ends."""
        places = []
        for size, _ in self.blocks:
            offset += -offset % ALIGNMENT
            places.append(offset)
            offset += size
        return places, offset


class BadContent(Exception):
    """Why a file can't be used; readers turn it into a StateUnusable."""

    def __init__(self, fault: StateFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def read_header(file: IO[bytes], size: int) -> Header:
    """The header of a file of `size` bytes, which is read up to the header's end. Raises BadContent and OSError."""
    start = file.read(START.size)
    if len(start) < START.size:
        raise BadContent(StateFault.NOT_OURS, f"it has {len(start)} bytes")
    magic, version, length, checksum = START.unpack(start)
    if magic != MAGIC or version != VERSION:
        raise BadContent(StateFault.NOT_OURS, f"it begins with {magic!r}, version {version}")
    if length > MOST_HEADER:
        raise BadContent(StateFault.CHECKSUM, f"its header claims {length} bytes")
    if START.size + length > size:
        raise BadContent(StateFault.TORN, f"it ends at {size} bytes, inside its header")
    text = file.read(length)
    if zlib.crc32(text) != checksum:
        raise BadContent(StateFault.CHECKSUM, "its header is damaged")
    return _parse(text)


def pack_tokens(tokens: Iterable[int]) -> bytes:
    """Their block."""
    words = array("I", tokens)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def unpack_tokens(block: Part) -> tuple[int, ...]:
    """What pack_tokens packed."""
    words = array("I")
    words.frombytes(block)
    if sys.byteorder == "big":
        words.byteswap()
    return tuple(words)


def _parse(text: bytes) -> Header:
    try:
        fields = json.loads(text)
        header = Header(
            _check_text(fields["fingerprint"]),
            _check_text(fields["layout"]),
            tuple(map(_check_count, fields["checkpoints"])),
            tuple(_parse_blocks(fields["blocks"])),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadContent(StateFault.NOT_OURS, f"its header makes no sense ({error!r:.200})") from error
    if not header.blocks or header.token_bytes % TOKEN_BYTES or header.token_bytes > MOST_TOKENS * TOKEN_BYTES:
        raise BadContent(StateFault.NOT_OURS, "its header tells of no tokens")
    return header


def _parse_blocks(said: Iterable[tuple[object, object]]) -> Iterator[tuple[int, int]]:
    for size, checksum in said:
        yield _check_count(size), _check_count(checksum)


def _check_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r:.40}")
    return value


def _check_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise TypeError(f"a count was expected, not {value!r:.40}")
    return value
