"""The settings file: TOML, with a schema number. Read with tomllib; written with tomlkit, which keeps comments.

Invariants: the file is replaced as a whole or not at all; a file that can't be read is kept aside under a name that
nothing overwrites; a file of a newer schema is never touched.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoint.contract import PROVIDER_ALIASES
from tray.errors import SettingsError
from tray.migrations import MIGRATIONS, Migration
from tray.options import RANGES, Choices, check_text, make_choices

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

SECTION = "endpoint"
FILE_KEYS = tuple(f.name for f in fields(Choices) if f.name != "api_key")
"""The key has a file of its own, readable by its owner only."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What the file says; `notes` are one-line remarks for the user."""

    choices: Choices
    notes: tuple[str, ...] = ()


def load_settings(path: Path, today: date, migrations: tuple[Migration, ...] = MIGRATIONS) -> LoadedSettings:
    """Read the file; none at all is the same as an empty one. A broken one is moved aside and defaults are used.

    Raises SettingsError when a value isn't allowed, or the file is newer than this program or can't be reached.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return LoadedSettings(Choices())
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        kept = _move_aside(path, today)
        return LoadedSettings(Choices(), (f"{path} is not valid TOML ({error}); kept as {kept}, using defaults.",))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from error
    if _read_schema(path, table, len(migrations)) < len(migrations):
        table = _migrate(path, migrations)
    return _read_choices(path, table)


def save_settings(path: Path, choices: Choices, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Set the given keys in the file; the rest, comments included, stays as it is. Raises SettingsError."""
    import tomlkit

    document = _open_document(path)
    document.setdefault("schema", len(migrations))
    section = document.setdefault(SECTION, tomlkit.table())
    for key in FILE_KEYS:
        value = getattr(choices, key)
        if value is not None:
            section[key] = value
    write_atomically(path, document.as_string())


def write_atomically(path: Path, text: str) -> None:
    """Replace the file: whoever reads it, and a power cut, sees the old one or the new one. Raises SettingsError."""
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        if partial:
            with contextlib.suppress(OSError):
                partial.unlink()
        raise SettingsError(f"{path}: can't be written: {error.strerror or error}") from error


def _open_document(path: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_bytes().decode())
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, ValueError, TOMLKitError) as error:
        raise SettingsError(f"{path}: can't be read: {error}") from error


def _read_schema(path: Path, table: Mapping[str, Any], newest: int) -> int:
    """The file's schema number; a file written by hand may leave it out and means the newest."""
    schema = table.get("schema", newest)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 0:
        raise SettingsError(f"{path}: schema must be a whole number up to {newest}, not {schema!r}")
    if schema > newest:
        raise SettingsError(
            f"{path} has schema {schema}, but this version of Traypoint knows schemas up to {newest}. "
            "Update Traypoint, or move the file away."
        )
    return schema


def _migrate(path: Path, migrations: tuple[Migration, ...]) -> dict[str, Any]:
    """Bring the file up to date, keeping the old one as `.bak`; the new content."""
    document = _open_document(path)
    write_atomically(path.with_name(f"{path.name}.bak"), document.as_string())
    for number in range(int(document["schema"]), len(migrations)):
        migrations[number](document)
        document["schema"] = number + 1
    write_atomically(path, document.as_string())
    return document.unwrap()


def _move_aside(path: Path, today: date) -> Path:
    """Rename a broken file to a name that is free."""
    first = path.with_name(f"{path.name}.broken-{today.isoformat()}")
    kept, number = first, 1
    while kept.exists():
        number += 1
        kept = first.with_name(f"{first.name}-{number}")
    try:
        return path.rename(kept)
    except OSError as error:
        raise SettingsError(f"{path} is not valid TOML, and can't be moved aside: {error.strerror or error}") from error


def _read_choices(path: Path, table: Mapping[str, Any]) -> LoadedSettings:
    section = table.get(SECTION, {})
    if not isinstance(section, dict):
        raise SettingsError(f"{path}: {SECTION} must be a table ([{SECTION}]), not {section!r}")
    unknown = [key for key in table if key not in ("schema", SECTION)]
    unknown += [f"{SECTION}.{key}" for key in section if key not in FILE_KEYS]
    found = {key: _check(path, key, section[key]) for key in FILE_KEYS if key in section}
    return LoadedSettings(make_choices(found), tuple(f"{path}: unknown key {key}, ignored" for key in unknown))


def _check(path: Path, key: str, value: object) -> object:
    try:
        if key in RANGES:
            return RANGES[key].check(value)
        if key == "provider" and check_text(value).lower() not in PROVIDER_ALIASES:
            raise ValueError(f"must be one of {', '.join(PROVIDER_ALIASES)}, not {value!r}")
        return check_text(value)
    except ValueError as error:
        raise SettingsError(f"{path}: {SECTION}.{key} {error}") from error
