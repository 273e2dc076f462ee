"""What each setting is, and which place says so: environment > settings file > default. Pure.

Flags are no place here: they belong to one start of the app, and nobody else sees them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tray.keys import ENDPOINT, KEYS, Key
from tray.options import VARIABLES, Choices


class Origin(StrEnum):
    """The places that can say something."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """A key as it is in force. `value` None: the endpoint chooses. `where`: the variable's or the file's name."""

    key: Key
    value: object
    origin: Origin
    where: str = ""


def find_settings(
    said: Choices, env: Mapping[str, str], values: Mapping[str, object], path: Path
) -> tuple[Setting, ...]:
    """All keys, in the table's order. `said` is what `env` says, `values` what the file at `path` does."""
    return tuple(_find(key, said, env, values, path) for key in KEYS)


def find_variable(key: Key, env: Mapping[str, str]) -> str | None:
    """The variable that sets this key here; None: none does."""
    names = VARIABLES.get(key.name, ()) if key.section == ENDPOINT else ()
    return next((str(name) for name in names if env.get(name, "").strip()), None)


def format_value(value: object) -> str:
    """A value as `config set` takes it: true and false, folders as in PATH, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return os.pathsep.join(value)
    return str(value)


def _find(key: Key, said: Choices, env: Mapping[str, str], values: Mapping[str, object], path: Path) -> Setting:
    variable = find_variable(key, env)
    if variable is not None:
        return Setting(key, getattr(said, key.name), Origin.ENVIRONMENT, variable)
    if key.dotted in values:
        return Setting(key, values[key.dotted], Origin.FILE, str(path))
    return Setting(key, key.default, Origin.DEFAULT)
