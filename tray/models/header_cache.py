"""Remembers what headers said, so that a file is read once as long as it stays as it is.

One discovery owns it. A cache file that is torn, forged or of another version is as good as none; one that can't be
written costs the next discovery some milliseconds a model.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from tray.models.candidate import Candidate, Form
from tray.models.facts import Facts
from tray.models.facts_json import read_facts, write_facts
from tray.models.gguf_facts import read_gguf
from tray.models.json_file import read_object, write_object
from tray.models.mlx_config import read_mlx

_VERSION = 1
"""To be raised with each change in what is read out of a header."""
_LARGEST = 8 << 20


class HeaderCache:
    """Keyed by path; an entry counts only for a file of the same size and time of change."""

    def __init__(self, path: Path | None) -> None:
        """`path`: where it is kept; None: nowhere."""
        self._path = path
        self._old = _load(path)
        self._seen: dict[str, list[Any]] = {}

    def find_facts(self, candidate: Candidate) -> Facts:
        """What the candidate's header says: remembered, or read now."""
        stamp = [candidate.stamp.size, candidate.stamp.modified_ns]
        key = str(candidate.files[0])
        facts = _recall(self._old.get(key), stamp) or _read(candidate)
        if not facts.problem:  # what can't be read today may be read tomorrow, without having changed
            self._seen[key] = [*stamp, write_facts(facts)]
        return facts

    def save(self) -> None:
        """Keep what was asked for since the start, if that is anything else than before."""
        if self._path is not None and self._seen != self._old:
            with contextlib.suppress(OSError):
                write_object(self._path, {"version": _VERSION, "headers": self._seen})


def _load(path: Path | None) -> dict[str, Any]:
    found = read_object(path, _LARGEST) if path is not None else None
    headers = found.get("headers") if found and found.get("version") == _VERSION else None
    return headers if isinstance(headers, dict) else {}


def _recall(entry: object, stamp: list[int]) -> Facts | None:
    if not isinstance(entry, list) or len(entry) != len(stamp) + 1 or entry[:-1] != stamp:
        return None
    try:
        return read_facts(entry[-1])
    except ValueError:
        return None


def _read(candidate: Candidate) -> Facts:
    if candidate.form is Form.MLX:
        return read_mlx(candidate.files[0], candidate.size_bytes)
    return read_gguf(candidate.files)
