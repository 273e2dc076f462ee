"""The settings file: TOML, with a schema number. Read with tomllib; written with tomlkit, which keeps comments.

Invariants: the file is replaced as a whole or not at all; a file that can't be read is kept aside under a name that
nothing overwrites; a file of a newer schema is never touched.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray.errors import SettingsError
from tray.keys import ENDPOINT, KEYS, Key
from tray.migrations import MIGRATIONS, Migration
from tray.options import Choices, Places, Tuning, first_of, make_choices, make_tuning
from tray.preferences import Preferences, make_preferences
from tray.tables import Place, list_strangers, list_tables, write_header
from tray.targets import MODEL, Target, find_target
from tray.whole_file import follow, replace_file

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What the file says, for all models and for some of them; `notes` are one-line remarks for the user."""

    choices: Choices
    notes: tuple[str, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    models: Mapping[str, Tuning] = field(default_factory=dict)

    def under(self, *launch: Choices) -> Places:
        """What is asked for where flags and environment say this, the first of them first."""
        return Places(first_of(*launch), self.choices, self.models)


def list_changes(choices: Choices, model: str) -> dict[str, object]:
    """What `save_settings` takes to write these choices, those about how a model is run as this model's own. The API
    key has a file of its own, and is left out.
    """
    targets = [Target(key, model if key.is_tuning else "") for key in KEYS if key.section == ENDPOINT]
    said = {target.dotted: getattr(choices, target.key.name) for target in targets}
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
    """Set these keys, by their whole names, in the file; None takes a key out. The rest, comments included, stays as it
    is. Values have been checked. Raises SettingsError.
    """
    document = _open_document(path)
    document.setdefault("schema", len(migrations))
    for name, value in changes.items():
        _write_value(document, _name_target(name), list(value) if isinstance(value, tuple) else value)
    write_atomically(path, document.as_string())


def write_atomically(path: Path, text: str) -> None:
    """Replace the file, or what a link of its name leads to. Raises SettingsError."""
    try:
        replace_file(follow(path), text.encode())
    except UnicodeEncodeError as error:  # half a letter, as names of files may have that are no UTF-8
        raise SettingsError(f"{path}: {text[error.start : error.end]!r} can't be written as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path}: can't be written: {error.strerror or error}") from error


def _name_target(name: str) -> Target:
    target = find_target(name)
    if target is None:
        raise SettingsError(f"there is no setting {name}")
    return target


def _write_value(document: TOMLDocument, target: Target, value: object) -> None:
    """Tables of models that say nothing any more go, too."""
    names = [MODEL, target.model] if target.model else [target.key.section]
    tables: list[MutableMapping[str, Any]] = [document]
    for name in names:
        tables.append(_open_table(tables[-1], name, is_outer=len(names) > len(tables)))
    if value is not None:
        tables[-1][target.key.name] = value
        return
    tables[-1].pop(target.key.name, None)
    while target.model and len(tables) > 1 and not tables.pop():
        del tables[-1][names[len(tables) - 1]]


def _open_table(outer: MutableMapping[str, Any], name: str, *, is_outer: bool) -> MutableMapping[str, Any]:
    """The table of this name, a new one where there is none; one that only holds others gets no line of its own."""
    import tomlkit
    from tomlkit.items import InlineTable

    if name not in outer:  # within braces there are only more of them
        outer[name] = {} if isinstance(outer, InlineTable) else tomlkit.table(is_super_table=is_outer)
    table: MutableMapping[str, Any] = outer[name]
    return table


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


def _read_values(path: Path, document: Mapping[str, Any]) -> LoadedSettings:
    unknown = list_strangers(document)
    found: dict[Place, dict[str, object]] = {}
    for place, keys, values in list_tables(document):
        found[place], slips = _read_table(path, write_header(place), values, keys)
        unknown += slips
    choices = found.pop((ENDPOINT,))
    models = {model: make_tuning(found.pop((MODEL, model))) for model in document.get(MODEL, {})}
    preferences = {name: value for values in found.values() for name, value in values.items()}
    notes = tuple(f"{path}: unknown key {name}, ignored" for name in unknown)
    return LoadedSettings(make_choices(choices), notes, make_preferences(preferences), models)


def _read_table(
    path: Path, header: str, values: object, keys: Mapping[str, Key]
) -> tuple[dict[str, object], list[str]]:
    """The values of a table, and the whole names of what isn't known."""
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: {header} must be a table ([{header}]), not {values!r}")
    found = {name: _check(path, f"{header}.{name}", keys[name], values[name]) for name in keys if name in values}
    return found, [f"{header}.{name}" for name in values if name not in keys]


def _check(path: Path, name: str, key: Key, value: object) -> object:
    try:
        return key.check(value)
    except ValueError as error:
        raise SettingsError(f"{path}: {name} {error}") from error
