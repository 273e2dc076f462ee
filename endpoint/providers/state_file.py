"""One held prefix in one file. Any thread, no shared state: each call has the file to itself.

    bytes 0-19    magic, version, length and CRC-32 of the header: 8s, then three little-endian 32-bit words
    header        JSON: fingerprint, layout, checkpoints, and [size, CRC-32] of each block
    blocks        each begins at a multiple of 64: the tokens (little-endian 32-bit words), then the parts

Written beside its place and moved there when it is whole and on the disk, readable by its owner alone. Nothing that a
file says of sizes is believed before the file's own length has shown it. The sums find accidents; whoever can write
here on purpose is the owner. See docs/adr/0014-saved-state.md.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BufferedWriter
from pathlib import Path

from endpoint.errors import StateFault, StateNotWritten, StateUnusable
from endpoint.providers.saved_state import Part, SavedState

MAGIC = b"TRAYKV\r\n"
VERSION = 1
ALIGNMENT = 64
MOST_HEADER = 1 << 22
"""Bytes: a few hundred are usual; thousands of parts with a long layout take some hundred thousand."""
TOKEN_BYTES = 4
SLICE_BYTES = 4 << 20
"""Written at once; between two, a writer may be told to stop."""
_START = struct.Struct("<8sIII")


@dataclass(frozen=True, slots=True)
class _Header:
    fingerprint: str
    layout: str
    checkpoints: tuple[int, ...]
    blocks: tuple[tuple[int, int], ...]  # size, sum


class _BadContent(Exception):
    """Raised and caught in here: why a file can't be used."""

    def __init__(self, fault: StateFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file says of the prefix in it, its state aside; `size` of the file in bytes."""

    tokens: tuple[int, ...]
    checkpoints: tuple[int, ...]
    size: int


def write_state(path: Path, state: SavedState, fingerprint: str, go_on: Callable[[], bool] = lambda: True) -> None:
    """Put a prefix into the file, in place of one that is there. Raises StateNotWritten; also when `go_on`, asked
    between slices of it, says no."""
    blocks: list[Part] = [_pack(state.tokens), *state.parts]
    start = _make_start(state, fingerprint, blocks)
    try:
        with _open_beside(path) as file:
            if not _write_all(file, [start, *blocks], go_on):
                raise StateNotWritten(f"A prefix's state was not saved in {path}: there was no time left for it.")
        _sync_folder(path.parent)
    except OSError as error:
        raise StateNotWritten(f"A prefix's state could not be saved in {path}: {error}. It stays in RAM.") from error


def read_summary(path: Path, fingerprint: str) -> Summary:
    """What the file holds, without its state; whether that is whole is seen when it is read. Raises StateUnusable."""
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        header, places = _read_frame(file, size, fingerprint)
        tokens = _read_block(file, places[0], *header.blocks[0])
        return Summary(_unpack(tokens), header.checkpoints, size)


def read_state(path: Path, fingerprint: str) -> SavedState:
    """What the file holds; its parts are in RAM and may be written to. Raises StateUnusable."""
    with _open(path) as file:
        return _read(file, fingerprint)


@contextmanager
def _open(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except _BadContent as error:
        raise StateUnusable(str(path), error.fault, str(error)) from error
    except FileNotFoundError as error:
        raise StateUnusable(str(path), StateFault.MISSING, "there is no such file") from error
    except OSError as error:
        raise StateUnusable(str(path), StateFault.UNREADABLE, str(error)) from error


@contextmanager
def _open_beside(path: Path) -> Iterator[BufferedWriter]:
    """A new file, mode 600, that takes the place of `path` at the end, or is gone if anything fails."""
    number, name = tempfile.mkstemp(".tmp", f".{path.name}.", path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _make_start(state: SavedState, fingerprint: str, blocks: list[Part]) -> bytes:
    fields = {
        "fingerprint": fingerprint,
        "layout": state.layout,
        "checkpoints": state.checkpoints,
        "blocks": [(len(block), zlib.crc32(block)) for block in blocks],
    }
    header = json.dumps(fields).encode()
    return _START.pack(MAGIC, VERSION, len(header), zlib.crc32(header)) + header


def _write_all(file: BufferedWriter, pieces: list[Part], go_on: Callable[[], bool]) -> bool:
    """Each at the next aligned place; False when it was to stop."""
    for piece in pieces:
        file.write(bytes(-file.tell() % ALIGNMENT))
        for start in range(0, len(piece), SLICE_BYTES):
            if not go_on():
                return False
            file.write(piece[start : start + SLICE_BYTES])
    file.flush()
    os.fsync(file.fileno())
    return True


def _sync_folder(folder: Path) -> None:
    """So that the new name, too, is on the disk. Windows has no such call, and writes names through by itself."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _read(file: BufferedReader, fingerprint: str) -> SavedState:
    size = os.fstat(file.fileno()).st_size
    header, places = _read_frame(file, size, fingerprint)
    tokens, *parts = (_read_block(file, place, *block) for place, block in zip(places, header.blocks, strict=True))
    return SavedState(_unpack(tokens), header.checkpoints, header.layout, tuple(map(memoryview, parts)))


def _read_frame(file: BufferedReader, size: int, fingerprint: str) -> tuple[_Header, list[int]]:
    """The header, and where its blocks begin."""
    header = _read_header(file, size)
    if header.fingerprint != fingerprint:
        raise _BadContent(
            StateFault.OTHER_FINGERPRINT, f"it was made by {header.fingerprint[:64]!r}, this is {fingerprint!r}"
        )
    places = list(_place(file.tell(), [block for block, _ in header.blocks]))
    end = places[-1] + header.blocks[-1][0]
    if end != size:
        raise _BadContent(StateFault.TORN, f"it has {size} bytes and should have {end}")
    return header, places


def _read_header(file: BufferedReader, size: int) -> _Header:
    start = file.read(_START.size)
    if len(start) < _START.size:
        raise _BadContent(StateFault.NOT_OURS, f"it has {len(start)} bytes")
    magic, version, length, checksum = _START.unpack(start)
    if magic != MAGIC or version != VERSION:
        raise _BadContent(StateFault.NOT_OURS, f"it begins with {magic!r}, version {version}")
    if length > MOST_HEADER:
        raise _BadContent(StateFault.CHECKSUM, f"its header claims {length} bytes")
    if _START.size + length > size:
        raise _BadContent(StateFault.TORN, f"it ends at {size} bytes, inside its header")
    text = file.read(length)
    if zlib.crc32(text) != checksum:
        raise _BadContent(StateFault.CHECKSUM, "its header is damaged")
    return _parse(text)


def _parse(text: bytes) -> _Header:
    try:
        fields = json.loads(text)
        header = _Header(
            _check_text(fields["fingerprint"]),
            _check_text(fields["layout"]),
            tuple(map(_check_count, fields["checkpoints"])),
            tuple((_check_count(size), _check_count(checksum)) for size, checksum in fields["blocks"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _BadContent(StateFault.NOT_OURS, f"its header makes no sense ({error!r})") from error
    if not header.blocks or header.blocks[0][0] % TOKEN_BYTES:
        raise _BadContent(StateFault.NOT_OURS, "its header tells of no tokens")
    return header


def _place(offset: int, sizes: Iterable[int]) -> Iterator[int]:
    """Where blocks of these sizes begin, behind `offset`."""
    for size in sizes:
        offset += -offset % ALIGNMENT
        yield offset
        offset += size


def _read_block(file: BufferedReader, place: int, size: int, checksum: int) -> bytearray:
    file.seek(place)
    block = bytearray(size)
    read = file.readinto(block)
    if read != size:
        raise _BadContent(StateFault.TORN, f"it ended at {place + read} bytes while it was read")
    if zlib.crc32(block) != checksum:
        raise _BadContent(StateFault.CHECKSUM, f"{size} bytes at {place} are not those that were written")
    return block


def _check_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r:.40}")
    return value


def _check_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise TypeError(f"a count was expected, not {value!r:.40}")
    return value


def _pack(tokens: tuple[int, ...]) -> bytes:
    words = array("I", tokens)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def _unpack(block: bytearray) -> tuple[int, ...]:
    words = array("I")
    words.frombytes(block)
    if sys.byteorder == "big":
        words.byteswap()
    return tuple(words)
