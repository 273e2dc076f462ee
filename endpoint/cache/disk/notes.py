"""Notes as files: a line with a sum, one with the name and the entry, one with the content. Any thread, no state.

A note says what a key stands for, so a changed byte in it must be seen, as in a prefix.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

from endpoint.cache.disk.names import is_entry_id, name_note
from endpoint.cache.disk.store import Note

MOST_NOTE = 16 << 20
"""Bytes: a conversation of a hundred thousand tokens takes about one million."""
_MAGIC = b"TRAYNOTE1"
_MOST_HEAD = 1 << 16
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def pack_note(note: Note) -> bytes:
    """The file's content."""
    head = json.dumps({"name": note.name, "entry": note.entry, "saved_at_s": note.saved_at_s})
    body = f"{head}\n{json.dumps(note.content, default=_unwrap)}\n".encode()
    return b"%s %08x\n%s" % (_MAGIC, zlib.crc32(body), body)


def read_note_file(path: Path) -> Note:
    """The note in it. Raises ValueError when it isn't one, or is damaged, and OSError."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        text = file.read(MOST_NOTE + 1)
    start, _, body = text.partition(b"\n")
    if len(text) > MOST_NOTE or start != b"%s %08x" % (_MAGIC, zlib.crc32(body)):
        raise ValueError("it isn't what was written")
    head, _, content = body.partition(b"\n")
    note = _parse(json.loads(head), json.loads(content))
    if name_note(note.name) != path.name:
        raise ValueError("it is another note's file")
    return note


def read_noted_entry(path: Path) -> str | None:
    """The entry that a note needs, without reading all of it; None when that can't be told."""
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            file.readline(_MOST_HEAD)
            entry = json.loads(file.readline(_MOST_HEAD))["entry"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return entry if isinstance(entry, str) and is_entry_id(entry) else None


def _parse(head: object, content: object) -> Note:
    if not isinstance(head, dict) or not isinstance(content, dict):
        raise ValueError("it isn't what was written")
    name, entry, saved_at = head.get("name"), head.get("entry"), head.get("saved_at_s")
    if not isinstance(name, str) or not isinstance(entry, str) or not isinstance(saved_at, (int, float)):
        raise ValueError("it isn't what was written")
    return Note(name, entry, content, float(saved_at))


def _unwrap(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that a note can hold")
