"""The models in one folder, by its listing: GGUF files (parts of one model together), and MLX weights. Any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tray.models.candidate import Candidate, Form, Stamp, explain_missing, stamp_files
from tray.models.model import Place
from tray.models.walk import Folder

MOST_PARTS = 1000
SUFFIX = ".gguf"
_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_UNFINISHED = re.compile(
    r"(?:downloading_)?(?P<name>.+\.gguf)\.(?:part|partial|incomplete|download(?:inprogress)?|crdownload|tmp)",
    re.IGNORECASE,
)
_MLX_PART = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.safetensors")
_CONFIG, _WEIGHTS = "config.json", ".safetensors"
_MLX_SETTINGS = ("chat_template.jinja", "chat_template.json", "tokenizer_config.json")
UNFINISHED = "half-downloaded: its download was broken off, or still runs"


def list_gguf(folder: Folder, place: Place) -> Iterator[Candidate]:
    """GGUF models in the folder, and those that are only half there."""
    parts: dict[tuple[str, int], dict[int, str]] = {}
    for name in folder.files:
        if part := _PART.fullmatch(name):
            parts.setdefault((part["stem"], int(part["count"])), {})[int(part["number"])] = name
        elif name.lower().endswith(SUFFIX):
            yield make_gguf(place, folder.path / name, name[: -len(SUFFIX)])
        elif unfinished := _UNFINISHED.fullmatch(name):
            path = folder.path / unfinished["name"]
            stem = unfinished["name"][: -len(SUFFIX)]
            yield _stamp(Candidate(place, Form.GGUF, str(path), stem, (folder.path / name,)), UNFINISHED)
    for (stem, count), names in parts.items():
        yield _make_split(place, folder.path, stem, count, names)


def list_mlx(folder: Folder, place: Place, name: str = "") -> Iterator[Candidate]:
    """The MLX model in the folder, if there is one: a config.json with weights beside it."""
    weights = [file for file in folder.files if file.startswith("model") and file.endswith(_WEIGHTS)]
    if _CONFIG in folder.files and weights:
        settings = [_CONFIG, *(file for file in _MLX_SETTINGS if file in folder.files)]
        candidate = Candidate(place, Form.MLX, str(folder.path), name or folder.path.name, (folder.path,))
        yield _stamp_mlx(candidate, weights, settings)


def make_gguf(place: Place, path: Path, name: str) -> Candidate:
    """A model that is one file."""
    return _stamp(Candidate(place, Form.GGUF, str(path), name, (path,)))


def _make_split(place: Place, folder: Path, stem: str, count: int, names: dict[int, str]) -> Candidate:
    """A model in parts, which the endpoint takes by the first one."""
    first = names.get(1, f"{stem}-00001-of-{count:05}{SUFFIX}")
    files = tuple(folder / name for _, name in sorted(names.items()))
    problem = ""
    if not 0 < count <= MOST_PARTS:
        problem = f"its name counts {count} parts"
    elif missing := [number for number in range(1, count + 1) if number not in names]:
        named = ", ".join(map(str, missing[:5])) + (", …" if len(missing) > 5 else "")
        problem = f"half-downloaded: of its {count} parts {len(missing)} are missing ({named})"
    return _stamp(Candidate(place, Form.GGUF, str(folder / first), stem, files), problem)


def _stamp(candidate: Candidate, problem: str = "") -> Candidate:
    try:
        stamp = stamp_files(candidate.files)
    except OSError as error:
        named = Path(error.filename or candidate.files[0])
        return replace(candidate, problem=problem or explain_missing(named, error))
    return replace(candidate, size_bytes=stamp.size, stamp=stamp, problem=problem)


def _stamp_mlx(candidate: Candidate, weights: list[str], settings: list[str]) -> Candidate:
    folder = candidate.files[0]
    try:
        size = stamp_files(folder / name for name in weights).size
        text = stamp_files(folder / name for name in settings)
    except OSError as error:
        return replace(candidate, problem=explain_missing(Path(error.filename or folder), error))
    # Both sizes are in the stamp: the parameters are reckoned from the weights'.
    stamp = Stamp(size + text.size, text.modified_ns, text.identity)
    return replace(candidate, size_bytes=size, stamp=stamp, problem=_find_missing(weights))


def _find_missing(weights: list[str]) -> str:
    """By what the parts' own names count, as the endpoint does."""
    wanted: set[str] = set()
    for part in filter(None, map(_MLX_PART.fullmatch, weights)):
        if int(part["count"]) <= MOST_PARTS:
            numbers = range(1, int(part["count"]) + 1)
            wanted |= {f"{part['stem']}-{number:05}-of-{part['count']}{_WEIGHTS}" for number in numbers}
    missing = wanted - set(weights)
    return f"half-downloaded: {len(missing)} of its weights' files are missing" if missing else ""
