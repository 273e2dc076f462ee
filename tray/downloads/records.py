"""Downloads that aren't over, as they are kept in a small file: what an app that ended, however it did, has left.

One app a user writes it. Nothing of it is trusted: an entry that makes no sense is left out, a file that makes none is
as good as none, and the next one replaces it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from endpoint.hub_contract import Wish
from tray.downloads.download import ACTIVE, Download, DownloadState, Tracked, track
from tray.models.json_file import read_object, write_object
from tray.reading import size, text

MOST, _MOST_PARTIALS = 200, 2000
"""Downloads, and unfinished files of each."""
_LARGEST = 8 << 20
_LONGEST = 4096
"""Characters of a name, a path or a sentence."""
_STATES = (DownloadState.QUEUED, DownloadState.PAUSED, DownloadState.FAILED)


@dataclass(frozen=True, slots=True)
class Records:
    """The downloads in their order, QUEUED, PAUSED or FAILED, and the pace of the one that ran last; 0: none was
    measured."""

    downloads: tuple[Tracked, ...] = ()
    bytes_per_s: int = 0


def settle(tracked: Tracked, wish: Wish | None = None) -> Tracked | None:
    """The download as it is to be found after the app's end, `wish` being what it was told last; None: it is over."""
    shown = tracked.shown
    state = DownloadState.QUEUED if shown.state in ACTIVE else shown.state
    if wish is Wish.CANCEL or state not in _STATES:
        return None
    if wish is Wish.PAUSE:
        state = DownloadState.PAUSED
    kept = Download(
        shown.wanted,
        shown.repo,
        shown.file,
        state,
        shown.done_bytes,
        shown.total_bytes,
        problem=shown.problem,
        code=shown.code,
        note=shown.note,
    )
    return Tracked(kept, partials=tracked.partials)


def read_records(path: Path) -> Records:
    """What is kept there, as far as it makes sense. Raises nothing."""
    found = read_object(path, _LARGEST) or {}
    listed = found.get("downloads")
    read = [_read_download(each) for each in listed[:MOST]] if isinstance(listed, list) else []
    unique = {each.shown.wanted: each for each in read if each is not None}
    return Records(tuple(unique.values()), size(found.get("bytes_per_s")) or 0)


def write_records(path: Path, records: Records) -> None:
    """Replace the file. Raises OSError; then the old one is still there."""
    downloads = [_describe(each) for each in records.downloads]
    write_object(path, {"downloads": downloads, "bytes_per_s": records.bytes_per_s})


def _describe(tracked: Tracked) -> Mapping[str, object]:
    shown = tracked.shown
    return {
        "wanted": shown.wanted,
        "state": shown.state.value,
        "file": shown.file,
        "done_bytes": shown.done_bytes,
        "total_bytes": shown.total_bytes,
        "problem": shown.problem,
        "code": shown.code,
        "note": shown.note,
        "partials": tracked.partials,
    }


def _read_download(found: object) -> Tracked | None:
    if not isinstance(found, dict):
        return None
    wanted = text(found.get("wanted"))
    state = next((each for each in _STATES if each.value == found.get("state")), None)
    # It becomes an argument of a process, which takes no zero bytes and no halves of letters.
    if state is None or not 0 < len(wanted) <= _LONGEST or not wanted.isprintable():
        return None
    total = size(found.get("total_bytes")) or 0
    shown = Download(
        wanted,
        track(wanted).shown.repo,
        text(found.get("file"))[:_LONGEST],
        state,
        min(size(found.get("done_bytes")) or 0, total),
        total,
        problem=text(found.get("problem"))[:_LONGEST],
        code=text(found.get("code"))[:_LONGEST],
        note=text(found.get("note"))[:_LONGEST],
    )
    return Tracked(shown, partials=_read_partials(found.get("partials")))


def _read_partials(found: object) -> tuple[str, ...]:
    """Paths as they are named to the child that deletes them; it looks itself whether they are what they should be."""
    listed = found[:_MOST_PARTIALS] if isinstance(found, list) else []
    return tuple(each for each in map(text, listed) if 0 < len(each) <= _LONGEST and _is_path(each))


def _is_path(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return "\0" not in path
