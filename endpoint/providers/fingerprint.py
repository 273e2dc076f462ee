"""What a model file is, told without reading all of it; what saved state depends on, as one digest. Any thread.

A file is known by its length, its time of change, and samples of its content from end to end: another quantisation or a
fine-tune has other bytes in all of its layers. Not by its path: a cache outlives a move.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

DIGEST_BYTES = 16
_SAMPLES = 16
_SAMPLE_BYTES = 1 << 16


def identify_files(paths: Iterable[Path]) -> str:
    """A digest of what a model's files are, in this order; at most a MiB of each is read. Raises OSError."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            digest.update(f"{status.st_size} {status.st_mtime_ns};".encode())
            for place in _sample_places(status.st_size):
                file.seek(place)
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def make_fingerprint(facts: Mapping[str, str | int | bool | None]) -> str:
    """One digest of named facts, in any order."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def _sample_places(size: int) -> Iterable[int]:
    """Evenly from the first byte, where metadata is, to the last."""
    last = max(0, size - _SAMPLE_BYTES)
    return sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)})
