"""The list of models worth offering: the one that comes along, or the user's own from an address; read and checked.

Invariant: nothing of a list that came from elsewhere is used before it is known to be of the right kind, bounded, and
no path. An entry that isn't is left out and told; the others stay.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from endpoint.hub_contract import CATALOGUE_LIMIT
from endpoint.hub_names import REPO, WHAT
from tray.models.model import Capability
from tray.models.regular_file import open_regular

SCHEMA = 1
MOST_MODELS = 500
_LONGEST_TEXT = 120
_LARGEST_GB = 10_000.0

_Word = TypeVar("_Word", bound=StrEnum)


class Form(StrEnum):
    """How the weights are kept, which settles the provider."""

    GGUF = "gguf"
    MLX = "mlx"


class Kind(StrEnum):
    """What it is for."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model to offer. Bytes; `memory_bytes`: what the endpoint takes with a middling context; `active_bytes`: read
    for each token. `quality` 1 to 100, against the others. `licence`: empty when unknown. `is_estimate`: its size isn't
    exact."""

    name: str
    repo: str
    what: str
    form: Form
    kind: Kind
    size_bytes: int
    memory_bytes: int
    active_bytes: int
    quality: int
    licence: str = ""
    capabilities: tuple[Capability, ...] = ()
    is_estimate: bool = False

    @property
    def wanted(self) -> str:
        """What `traypoint pull` takes."""
        return f"{self.repo}:{self.what}" if self.what else self.repo

    @property
    def provider(self) -> str:
        return "mlx" if self.form is Form.MLX else "llamacpp"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The entries, and a line for each thing that was left out. `is_own`: it is the user's, not the built-in one."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    is_own: bool = False


def load_catalogue(own: Path | None) -> Catalogue:
    """The user's list, where `own` is a file with one that has any model; else the built-in one, with what is wrong."""
    notes: tuple[str, ...] = ()
    if own is not None:
        try:
            with open_regular(own) as file:
                found = parse_catalogue(file.read(CATALOGUE_LIMIT + 1))
        except OSError as error:
            found = Catalogue((), (f"{own}: {error.strerror or error}",))
        if found.entries:
            return Catalogue(found.entries, found.notes, is_own=True)
        notes = (
            *found.notes,
            "the list at models.catalogue_url has no models that can be used: showing the built-in one",
        )
    from importlib.resources import files  # only where a list is shown

    built_in = parse_catalogue(files("tray.models").joinpath("catalogue.toml").read_bytes())
    return Catalogue(built_in.entries, (*notes, *built_in.notes))


def parse_catalogue(data: bytes) -> Catalogue:
    """Read a list, however hostile. Raises nothing."""
    if len(data) > CATALOGUE_LIMIT:
        return Catalogue((), (f"the list of models has more than {CATALOGUE_LIMIT} bytes",))
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        return Catalogue((), (f"the list of models isn't TOML: {_clean(str(error))}",))
    if table.get("schema") != SCHEMA:
        return Catalogue((), (f"the list of models must have schema = {SCHEMA}",))
    rows = table.get("models")
    rows = rows if isinstance(rows, list) else []
    entries: list[Entry] = []
    notes = [f"of {len(rows)} models only the first {MOST_MODELS} are read"] if len(rows) > MOST_MODELS else []
    for number, row in enumerate(rows[:MOST_MODELS], start=1):
        try:
            entries.append(_read_entry(row))
        except ValueError as error:
            notes.append(f"model {number} of the list: {_clean(str(error))}")
    return Catalogue(tuple(entries), tuple(notes))


def _read_entry(row: object) -> Entry:
    """Raises ValueError with what is wrong. Unknown fields are accepted."""
    if not isinstance(row, Mapping):
        raise ValueError("it must be a table")
    size = _read_bytes(row, "size_gb")
    return Entry(
        name=_read_text(row, "name"),
        repo=_read_match(row, "repo", REPO),
        what=_read_match(row, "what", WHAT) if row.get("what") else "",
        form=_read_word(row, "form", Form),
        kind=_read_word(row, "kind", Kind) if "kind" in row else Kind.CHAT,
        size_bytes=size,
        memory_bytes=_read_bytes(row, "memory_gb"),
        active_bytes=_read_bytes(row, "active_gb") if "active_gb" in row else size,
        quality=_read_quality(row),
        licence=_read_text(row, "licence") if row.get("licence") else "",
        capabilities=_read_capabilities(row),
        is_estimate=row.get("estimate") is True,
    )


def _read_text(row: Mapping[str, object], key: str) -> str:
    value = row.get(key)
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT and value.isprintable() and value.strip():
        return value
    raise ValueError(f"{key} must be a text of at most {_LONGEST_TEXT} printable characters")


def _read_match(row: Mapping[str, object], key: str, form: re.Pattern[str]) -> str:
    value = _read_text(row, key)
    if form.fullmatch(value) and ".." not in value:
        return value
    raise ValueError(f"{key} can't be {value!r}")


def _read_word(row: Mapping[str, object], key: str, words: type[_Word]) -> _Word:
    found = next((word for word in words if word.value == row.get(key)), None)
    if found is None:
        raise ValueError(f"{key} must be one of {', '.join(words)}")
    return found


def _read_bytes(row: Mapping[str, object], key: str) -> int:
    value = row.get(key)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 < value < _LARGEST_GB
    ):
        return int(value * 1e9)
    raise ValueError(f"{key} must be a number above 0, in GB")


def _read_quality(row: Mapping[str, object]) -> int:
    value = row.get("quality", 1)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100:  # per cent
        return value
    raise ValueError("quality must be a whole number from 1 to 100")


def _read_capabilities(row: Mapping[str, object]) -> tuple[Capability, ...]:
    """Those that are known here; others may come."""
    value = row.get("capabilities", [])
    known = {each.value: each for each in Capability}
    words = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return tuple(known[each] for each in words if each in known)


def _clean(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)[:200]
