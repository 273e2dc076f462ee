"""The models that were used last, in a small file. One process writes it; a damaged one is as good as none."""

from __future__ import annotations

from pathlib import Path

from endpoint.contract import ModelRef
from tray.models.json_file import read_object, write_object

MOST = 10
_LARGEST = 256 << 10
_LONGEST = 4096
"""Characters of a name or a path."""


def load_recent(path: Path) -> tuple[ModelRef, ...]:
    """The last models, the newest first, at most MOST; what can't be made sense of is left out. Raises nothing."""
    listed = (read_object(path, _LARGEST) or {}).get("recent")
    refs = [_read_ref(each) for each in listed[: 10 * MOST]] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))[:MOST]


def remember_recent(path: Path, ref: ModelRef) -> tuple[ModelRef, ...]:
    """Put a model first, and keep the file; the models then. Raises OSError when it can't be written."""
    recent = tuple(dict.fromkeys((ref, *load_recent(path))))[:MOST]
    write_object(path, {"recent": [{"provider": each.provider, "model": each.model} for each in recent]})
    return recent


def _read_ref(found: object) -> ModelRef | None:
    if not isinstance(found, dict):
        return None
    provider, model = found.get("provider"), found.get("model")
    if not isinstance(provider, str) or not isinstance(model, str):
        return None
    is_sound = 0 < len(provider) <= _LONGEST and 0 < len(model) <= _LONGEST and "\0" not in model
    return ModelRef(provider, model) if is_sound else None
