"""What made a folder's prefixes, in words, and what another folder's were made by. Any thread, no state."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from endpoint.cache.disk.inventory import Kind, list_files, list_models
from endpoint.cache.disk.names import ABOUT
from endpoint.providers.file_draft import FileDraft

MODEL = "model"
"""The fact that two folders must share to be told apart by the others."""
_MOST = 1 << 16
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def write_about(folder: Path, about: Mapping[str, str]) -> None:
    """Say it there, unless it is said already. Raises OSError."""
    if read_about(folder) == about:
        return
    content = json.dumps(dict(about), indent=1).encode()
    write_whole(FileDraft(folder / ABOUT, len(content)), content)


def write_whole(draft: FileDraft, content: bytes) -> None:
    """A small file at once. Raises OSError; nothing is left of the draft then."""
    try:
        draft.file.write(content)
    except OSError:
        draft.drop()
        raise
    draft.finish()


def read_about(folder: Path) -> dict[str, str]:
    """What is said there; nothing where that makes no sense."""
    try:
        with os.fdopen(os.open(folder / ABOUT, _FLAGS), "rb") as file:
            said = json.loads(file.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(fact): str(value) for fact, value in said.items()} if isinstance(said, dict) else {}


def find_strangers(root: Path, own: Path, about: Mapping[str, str]) -> tuple[str, ...]:
    """The facts in which the latest other prefixes of a model of the same name differ; none when there are none."""
    latest = 0.0
    differing: tuple[str, ...] = ()
    for folder in list_models(root):
        said = read_about(folder) if folder != own else {}
        if said.get(MODEL) != about.get(MODEL) or MODEL not in said:
            continue
        used = max((file.used_at_s for file in list_files(folder) if file.kind is Kind.ENTRY), default=0.0)
        if used > latest:
            latest, differing = used, tuple(fact for fact in about if said.get(fact) != about[fact])
    return differing
