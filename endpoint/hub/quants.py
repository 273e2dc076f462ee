"""Which models a repository's GGUF files are: their quantisations, and parts that belong together. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from endpoint.hub.listing import HubFile

SUFFIX = ".gguf"
_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})", re.IGNORECASE)
_QUANT = re.compile(
    r"(?<![A-Za-z0-9])(?:UD-)?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32)(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_NO_MODELS = ("mmproj", "imatrix")
"""In the names of GGUF files that can't be run: a projector for pictures, statistics for quantising."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One model among a repository's files. `stem`: its path without parts' numbers and suffix; `quant`: upper case,
    empty when the name tells none; `files`: its parts in order; `missing`: how many of them the repository hasn't got.
    """

    stem: str
    quant: str
    files: tuple[HubFile, ...]
    missing: int = 0

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def title(self) -> str:
        """How it is told apart from the others."""
        return self.quant or self.stem


def find_variants(files: Iterable[HubFile]) -> tuple[Variant, ...]:
    """The models that these files are, by size."""
    groups: dict[tuple[str, int], list[HubFile]] = {}
    for file in sorted(files, key=lambda file: file.path):
        if _is_model(file.path):
            stem = file.path[: -len(SUFFIX)]
            part = _PART.fullmatch(stem)
            key = (part["stem"], int(part["count"])) if part else (stem, 1)
            groups.setdefault(key, []).append(file)
    variants = (
        Variant(stem, find_quant(stem), tuple(group), count - len(group)) for (stem, count), group in groups.items()
    )
    return tuple(sorted(variants, key=lambda variant: variant.size))


def find_quant(stem: str) -> str:
    """The quantisation that a path's last part names, or a folder on the way to it; upper case."""
    for part in reversed(stem.split("/")):
        if found := _QUANT.findall(part):
            return str(found[-1]).upper()
    return ""


def _is_model(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith(SUFFIX) and not any(word in name for word in _NO_MODELS)
