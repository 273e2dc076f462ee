"""One held prefix in one file, of the format in `state_format.py`. Any thread, no shared state: each call has the file
to itself.

Written as a draft (`file_draft.py`): it is whole or not there. The sums find accidents; whoever can write here on
purpose is the owner. What takes long is done in slices, without the interpreter's lock, and between them it is asked
whether it is still wanted. See docs/adr/0014-saved-state.md.
"""

from __future__ import annotations

import mmap
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from endpoint.errors import StateFault, StateNotWritten, StateUnusable
from endpoint.providers.file_draft import FileDraft
from endpoint.providers.saved_state import Part, SavedState
from endpoint.providers.state_format import ALIGNMENT, BadContent, Header, pack_tokens, read_header, unpack_tokens

SLICE = 8 << 20
"""Bytes that are written or read before it is asked whether the rest is still wanted."""
SYNC_BYTES = 64 << 20
"""Between two waits for the disk: so the last one, which can't be broken off, is short."""
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""No link is followed, and no pipe waited for."""
IsWanted = Callable[[], bool]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class StateSummary:
    """What a file says of the prefix in it; `size` is the file's, in bytes."""

    tokens: tuple[int, ...]
    checkpoints: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True)
class PackedState:
    """A file's content, of `size` bytes. Its pieces are the state's parts, not copies."""

    pieces: tuple[Part, ...]
    size: int

    def begin(self, path: Path) -> FileDraft:
        """Take the room that it needs. Raises StateNotWritten."""
        try:
            return FileDraft(path, self.size)
        except OSError as error:
            raise _not_written(path, error) from error

    def fill(
        self,
        draft: FileDraft,
        is_wanted: IsWanted = _always,
        moving: AbstractContextManager[object] | None = None,
    ) -> None:
        """Write it all and put it in its place, within `moving`. Raises StateNotWritten; nothing is left of the draft
        then."""
        try:
            self._write(draft, is_wanted)
            draft.sync()
            with moving or nullcontext():
                draft.finish()
        except OSError as error:
            draft.drop()
            raise _not_written(draft.path, error) from error
        except BaseException:
            draft.drop()
            raise

    def _write(self, draft: FileDraft, is_wanted: IsWanted) -> None:
        """Each piece at the next aligned place."""
        count = 0
        for piece in self.pieces:
            draft.file.write(bytes(-draft.file.tell() % ALIGNMENT))
            for part in _slice(piece):
                _check_wanted(is_wanted)
                draft.file.write(part)
                count += len(part)
                if count >= SYNC_BYTES:
                    draft.sync()
                    count = 0


def pack_state(state: SavedState, fingerprint: str, is_wanted: IsWanted = _always) -> PackedState:
    """What a file of this prefix contains, with the sums of all parts. Raises StateNotWritten when it isn't wanted."""
    blocks: tuple[Part, ...] = (pack_tokens(state.tokens), *state.parts)
    sums = tuple((len(block), _sum(block, is_wanted)) for block in blocks)
    header = Header(fingerprint, state.layout, state.checkpoints, sums)
    start = header.pack()
    return PackedState((start, *blocks), header.place(len(start))[1])


def write_state(path: Path, state: SavedState, fingerprint: str) -> None:
    """Put a prefix into the file, in place of one that is there. Raises StateNotWritten."""
    packed = pack_state(state, fingerprint)
    packed.fill(packed.begin(path))


def read_state(path: Path, fingerprint: str, is_wanted: IsWanted = _always) -> SavedState:
    """What the file holds; its parts are in RAM and may be written to. Raises StateUnusable."""
    with _open_checked(path) as file:
        header, places, _ = _read_frame(file, fingerprint)
        blocks = zip(places, header.blocks, strict=True)
        tokens, *parts = (_read_block(file, place, *block, is_wanted) for place, block in blocks)
        return SavedState(unpack_tokens(tokens), header.checkpoints, header.layout, tuple(parts))


def read_summary(path: Path, fingerprint: str) -> StateSummary:
    """What the file says of its prefix; the parts aren't read. Raises StateUnusable."""
    with _open_checked(path) as file:
        header, places, size = _read_frame(file, fingerprint)
        tokens = _read_block(file, places[0], *header.blocks[0], _always)
        return StateSummary(unpack_tokens(tokens), header.checkpoints, size)


@contextmanager
def _open_checked(path: Path) -> Iterator[BufferedReader]:
    """A plain file, no link. What goes wrong while it is open becomes a StateUnusable."""
    try:
        number = os.open(path, _READ_FLAGS)
        try:
            with os.fdopen(number, "rb", closefd=False) as file:
                yield file
        finally:
            os.close(number)  # a folder opens here, and fdopen refuses it
    except BadContent as error:
        raise StateUnusable(str(path), error.fault, str(error)) from error
    except FileNotFoundError as error:
        raise StateUnusable(str(path), StateFault.MISSING, "there is no such file") from error
    except (OSError, MemoryError) as error:
        raise StateUnusable(str(path), StateFault.UNREADABLE, str(error) or "there is no memory for it") from error


def _read_frame(file: BufferedReader, fingerprint: str) -> tuple[Header, list[int], int]:
    """The header, where the blocks begin, and the size, which is what they say."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise BadContent(StateFault.UNREADABLE, "it is no plain file")
    header = read_header(file, status.st_size)
    if header.fingerprint != fingerprint:
        raise BadContent(
            StateFault.OTHER_FINGERPRINT, f"it was made by {header.fingerprint[:64]!r}, this is {fingerprint!r}"
        )
    places, end = header.place(file.tell())
    if end != status.st_size:
        raise BadContent(StateFault.TORN, f"it has {status.st_size} bytes and should have {end}")
    return header, places, end


def _read_block(file: BufferedReader, place: int, size: int, checksum: int, is_wanted: IsWanted) -> memoryview:
    file.seek(place)
    block, total = _make_memory(size), 0
    for piece in _slice(block):
        if not is_wanted():
            raise BadContent(StateFault.UNREADABLE, "it isn't wanted any more")
        if file.readinto(piece) != len(piece):
            raise BadContent(StateFault.TORN, f"it ended at {file.tell()} bytes while it was read")
        total = zlib.crc32(piece, total)
    if total != checksum:
        raise BadContent(StateFault.CHECKSUM, f"{size} bytes at {place} are not those that were written")
    return block


def _make_memory(size: int) -> memoryview:
    """Mapped where it is large: a bytearray would be filled with zeros first, under the interpreter's lock."""
    if size < SLICE:
        return memoryview(bytearray(size))
    if sys.platform == "win32":
        return memoryview(mmap.mmap(-1, size))
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def _slice(block: Part) -> Iterator[memoryview]:
    view = memoryview(block)
    return (view[at : at + SLICE] for at in range(0, len(view), SLICE))


def _sum(block: Part, is_wanted: IsWanted) -> int:
    total = 0
    for piece in _slice(block):
        _check_wanted(is_wanted)
        total = zlib.crc32(piece, total)
    return total


def _check_wanted(is_wanted: IsWanted) -> None:
    if not is_wanted():
        raise StateNotWritten("A prefix's state was not saved: it isn't wanted any more, or there was no time left.")


def _not_written(path: Path, error: OSError) -> StateNotWritten:
    return StateNotWritten(f"A prefix's state could not be saved in {path}: {error}. It stays in RAM.")
