"""Whether a file's content is what its etag names: a SHA-256, or the SHA-1 that git gives a blob."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

_BLOCK = 4 << 20
_SHA1_DIGITS = 40


def matches(path: Path, etag: str, told: Callable[[int], None]) -> bool:
    """Read it all and compare. `told` hears how many bytes have been read; what it raises ends that. Raises OSError."""
    if len(etag) == _SHA1_DIGITS:
        digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    else:
        digest = hashlib.sha256()
    done = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            told(done)
    return digest.hexdigest() == etag
