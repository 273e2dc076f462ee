"""Deletes unfinished files of a download that nobody wants any more, unless another program is writing them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from endpoint.hub.locking import hold_if_free
from endpoint.hub.names import is_etag
from endpoint.hub.shelf import LOCKS, PARTIAL


def discard(hub: Path, paths: Iterable[Path]) -> None:
    """Delete those of them that are beginnings of contents in the cache at `hub`. What can't be deleted stays."""
    for path in paths:
        etag, home = path.name.removesuffix(PARTIAL), path.parent.parent
        is_ours = path.name.endswith(PARTIAL) and is_etag(etag) and home.parent == hub and path.parent.name == "blobs"
        if is_ours:
            with contextlib.suppress(OSError), hold_if_free(hub / LOCKS / home.name / f"{etag}.lock") as is_free:
                if is_free:
                    path.unlink()
