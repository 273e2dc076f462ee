"""A model as a folder's listing shows it, before its header is read. Frozen values."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tray.models.model import LLAMACPP, MLX, Place


class Form(StrEnum):
    """What a model's header is."""

    GGUF = "gguf"
    MLX = "mlx"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Files as they are now: bytes in all, when the last one changed (ns since 1970), and which the first one is
    (device and number), whatever path leads to it."""

    size: int
    modified_ns: int
    identity: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """`model`: what --model takes. `files`: those to read, a GGUF's parts in order, or the folder of MLX weights.
    `size_bytes`: of the weights. `problem`: what the listing alone shows to be wrong."""

    place: Place
    form: Form
    model: str
    name: str
    files: tuple[Path, ...]
    size_bytes: int = 0
    stamp: Stamp = Stamp(0, 0, (0, 0))
    has_projector: bool = False
    problem: str = ""

    @property
    def provider(self) -> str:
        return MLX if self.form is Form.MLX else LLAMACPP

    @property
    def folder(self) -> Path:
        """Where its first file lies."""
        return self.files[0].parent


def stamp_files(paths: Iterable[Path]) -> Stamp:
    """How these files are now. Raises OSError when one isn't there, or is no regular file."""
    found = [_stat_regular(path) for path in paths]
    identity = (found[0].st_dev, found[0].st_ino) if found else (0, 0)
    modified = max((each.st_mtime_ns for each in found), default=0)
    return Stamp(sum(each.st_size for each in found), modified, identity)


def _stat_regular(path: Path) -> os.stat_result:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is not a regular file", str(path))
    return found


def explain_missing(path: Path, error: OSError) -> str:
    """Why a file that the listing has can't be used."""
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return "half-downloaded: its link leads to a file that isn't there"
    return f"it can't be read: {error.strerror or error}"
