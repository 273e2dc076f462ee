"""The settings file: TOML, with a schema number. Read with tomllib; written with tomlkit, which keeps comments.

Invariants: the file is replaced as a whole or not at all; a file that can't be read is kept aside under a name that
nothing overwrites; a file of a newer schema is never touched.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray.errors import SettingsError
from tray.keys import BY_NAME, ENDPOINT, KEYS, Key
from tray.migrations import MIGRATIONS, Migration
from tray.options import Choices, make_choices
from tray.preferences import Preferences, make_preferences
from tray.whole_file import follow, replace_file

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

SECTIONS = tuple(dict.fromkeys(key.section for key in KEYS))


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What the file says; `notes` are one-line remarks for the user."""

    choices: Choices
    notes: tuple[str, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)


def list_changes(choices: Choices) -> dict[str, object]:
    """What `save_settings` takes to write these choices. The API key has a file of its own, and is left out."""
    said = {key.dotted: getattr(choices, key.name) for key in KEYS if key.section == ENDPOINT}
    return {name: value for name, value in said.items() if value is not None}


class BrokenSettings(SettingsError):
    """The file is no TOML; the message names it and says where."""


def load_settings(path: Path, today: date, migrations: tuple[Migration, ...] = MIGRATIONS) -> LoadedSettings:
    """Read the file at the start of a program. A broken one is moved aside and defaults are used.

    Raises SettingsError when a value isn't allowed, or the file is newer than this program or can't be reached.
    """
    try:
        return read_settings(path, migrations)
    except BrokenSettings as error:
        kept = _move_aside(path, today)
        return LoadedSettings(Choices(), (f"{error}; kept as {kept}, using defaults.",))


def read_settings(path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> LoadedSettings:
    """Read the file; none at all is the same as an empty one. A broken one is left to whoever writes it just now.

    Raises SettingsError, as `load_settings` does, and BrokenSettings.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return LoadedSettings(Choices())
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise BrokenSettings(f"{path} is not valid TOML ({error})") from error
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from error
    if _read_schema(path, table, len(migrations)) < len(migrations):
        table = _migrate(path, migrations)
    return _read_values(path, table)


def look_at_settings(path: Path) -> LoadedSettings:
    """As `read_settings`, for verbs that only look: a broken file is noted, and left to whoever writes it just now.
    Raises SettingsError.
    """
    try:
        return read_settings(path)
    except BrokenSettings as error:
        return LoadedSettings(Choices(), (f"{error}; looking with the defaults.",))


def save_settings(path: Path, changes: Mapping[str, object], migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Set these keys, named as in `endpoint.port`, in the file; None takes a key out. The rest, comments included,
    stays as it is. Values have been checked. Raises SettingsError.
    """
    import tomlkit

    document = _open_document(path)
    document.setdefault("schema", len(migrations))
    for name, value in changes.items():
        key = BY_NAME[name]
        section = document.setdefault(key.section, tomlkit.table())
        if value is None:
            section.pop(key.name, None)
        else:
            section[key.name] = list(value) if isinstance(value, tuple) else value
    write_atomically(path, document.as_string())


def write_atomically(path: Path, text: str) -> None:
    """Replace the file, or what a link of its name leads to. Raises SettingsError."""
    try:
        replace_file(follow(path), text.encode())
    except UnicodeEncodeError as error:  # half a letter, as names of files may have that are no UTF-8
        raise SettingsError(f"{path}: {text[error.start : error.end]!r} can't be written as UTF-8") from error
    except OSError as error:
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


def _read_values(path: Path, table: Mapping[str, Any]) -> LoadedSettings:
    unknown = [name for name in table if name != "schema" and name not in SECTIONS]
    choices: dict[str, object] = {}
    preferences: dict[str, object] = {}
    for section in SECTIONS:
        values = table.get(section, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: {section} must be a table ([{section}]), not {values!r}")
        unknown += [f"{section}.{name}" for name in values if f"{section}.{name}" not in BY_NAME]
        found = {key.name: _check(path, key, values[key.name]) for key in KEYS if _is_in(key, section, values)}
        (choices if section == ENDPOINT else preferences).update(found)
    notes = tuple(f"{path}: unknown key {name}, ignored" for name in unknown)
    return LoadedSettings(make_choices(choices), notes, make_preferences(preferences))


def _is_in(key: Key, section: str, values: Mapping[str, object]) -> bool:
    return key.section == section and key.name in values


def _check(path: Path, key: Key, value: object) -> object:
    try:
        return key.check(value)
    except ValueError as error:
        raise SettingsError(f"{path}: {key.dotted} {error}") from error
