"""What was done to a client's settings file, kept in the state folder: one JSON file a client, for its owner only.

Errors are ClientErrors. A record that can't be read is an error, not none: without it our changes can't be told from
the user's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tray.clients.changes import Change
from tray.clients.edits.members import Item
from tray.clients.files import BACKUP_SUFFIX, read_bytes, remove, replace
from tray.clients.values import Value
from tray.errors import ClientError

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """`path` is the real file; `before` and `after` are the sums of its bytes without and with our changes (`before`
    None: there was no file), `backup` is where the bytes from before are kept.
    """

    path: Path
    before: str | None
    after: str
    backup: Path | None
    changes: tuple[Change, ...]


class Records:
    """All clients' records, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, client: str) -> Record | None:
        """The client's; None where nothing was done."""
        data = read_bytes(self._file(client))
        if data is None:
            return None
        try:
            return _read(json.loads(data))
        except (ValueError, KeyError, TypeError) as error:
            raise ClientError(
                f"{self._file(client)}: what was done to this client's settings can't be read ({error}). Take it back "
                f"by hand, with the help of the file ending in {BACKUP_SUFFIX}, then remove this one."
            ) from error

    def save(self, client: str, record: Record) -> None:
        """Keep it in the place of the one before."""
        replace(self._file(client), json.dumps(_write(record), indent=1).encode())

    def forget(self, client: str) -> None:
        """Nothing of ours is left there."""
        remove(self._file(client))

    def _file(self, client: str) -> Path:
        return self._folder / f"{client}.json"


def sum_of(data: bytes) -> str:
    """What tells two contents apart."""
    return sha256(data).hexdigest()


def _write(record: Record) -> dict[str, object]:
    changes = [
        {
            "path": [{"key": s.key, "value": s.value} if isinstance(s, Item) else s for s in change.path],
            "value": change.value,
            "before": change.before,
            "depth": change.depth,
        }
        for change in record.changes
    ]
    return {
        "schema": SCHEMA,
        "path": str(record.path),
        "before": record.before,
        "after": record.after,
        "backup": None if record.backup is None else str(record.backup),
        "changes": changes,
    }


def _read(said: Mapping[str, Any]) -> Record:
    if said["schema"] != SCHEMA:
        raise ValueError(f"schema {said['schema']}, not {SCHEMA}: written by another version of Traypoint")
    backup = said["backup"]
    return Record(
        Path(said["path"]),
        said["before"],
        said["after"],
        None if backup is None else Path(backup),
        tuple(map(_read_change, said["changes"])),
    )


def _read_change(said: Mapping[str, Any]) -> Change:
    path = tuple(_read_step(step) for step in said["path"])
    value: Value = said["value"]
    return Change(path, value, said["before"], int(said["depth"]))


def _read_step(step: object) -> str | Item:
    if isinstance(step, str):
        return step
    if isinstance(step, Mapping):
        return Item(step["key"], step["value"])
    raise TypeError(f"no step of a path: {step!r}")
