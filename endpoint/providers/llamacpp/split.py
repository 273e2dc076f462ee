"""Models whose GGUF is split into several files: each says by its name how many there are. Pure."""

from __future__ import annotations

import re
from pathlib import Path

_SPLIT = re.compile(r"(.+-)\d{5}-of-(\d{5})\.gguf")


def list_files(path: Path) -> tuple[Path, ...]:
    """A model's files: one, or all of those that its name says it is split into."""
    split = _SPLIT.fullmatch(path.name)
    if split is None:
        return (path,)
    prefix, count = split.groups()
    return tuple(path.with_name(f"{prefix}{number:05}-of-{count}.gguf") for number in range(1, int(count) + 1))
