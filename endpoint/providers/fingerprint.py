"""What a model file is, told without reading all of it; what saved state depends on, as one digest. Any thread.

A small file is known by all of its content. A large one by its length, its time of change, and samples of its content
from end to end: another quantisation or a fine-tune has other bytes in all of its layers, and reading gigabytes at each
start would cost more than the cache saves. Not by its path: a cache outlives a move.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

DIGEST_BYTES = 16
SMALL = 256 << 20
"""Bytes up to which all of a file is summed up, in a seventh of a second: CRC-32 misses no change of a byte."""
_SAMPLES = 16
_SAMPLE_BYTES = 1 << 16


def identify_files(paths: Iterable[Path]) -> str:
    """A digest of what a model's files are, in this order; of a large one a MiB is read. Raises OSError."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            digest.update(f"{status.st_size} {status.st_mtime_ns};".encode())
            if status.st_size <= SMALL:
                digest.update(f"{_sum_up(file)};".encode())
                continue
            for place in _sample_places(status.st_size):
                file.seek(place)
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def make_fingerprint(facts: Mapping[str, str | int | bool | None]) -> str:
    """One digest of named facts, in any order."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def _sum_up(file: io.FileIO) -> int:
    total, buffer = 0, bytearray(1 << 20)
    while count := file.readinto(buffer):
        total = zlib.crc32(memoryview(buffer)[:count], total)
    return total


def _sample_places(size: int) -> Iterable[int]:
    """Evenly from the first byte, where metadata is, to the last."""
    last = max(0, size - _SAMPLE_BYTES)
    return sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)})
