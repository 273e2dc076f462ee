"""What each setting is, and which place says so: environment > settings file > default. Pure.

Flags are no place here: they belong to one start of the app, and nobody else sees them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tray.keys import ENDPOINT, KEYS, TUNING, Key
from tray.options import VARIABLES, Choices
from tray.targets import Target, find_target


class Origin(StrEnum):
    """The places that can say something."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is in force. `value` None: the endpoint chooses. `where`: the variable's or the file's name."""

    target: Target  # where that is said
    value: object
    origin: Origin
    where: str = ""

    @property
    def key(self) -> Key:
        return self.target.key


def find_settings(
    said: Choices, env: Mapping[str, str], values: Mapping[str, object], path: Path
) -> tuple[Setting, ...]:
    """All keys, in the table's order, then those that models have of their own. `said` is what `env` says, `values`
    what the file at `path` does.
    """
    shared = (_find((Target(key),), said, env, values, path) for key in KEYS)
    targets = (target for name in values if (target := find_target(name)) and target.model)
    return (*shared, *(Setting(target, values[target.dotted], Origin.FILE, str(path)) for target in targets))


def find_own_settings(
    said: Choices, env: Mapping[str, str], values: Mapping[str, object], path: Path, model: str
) -> tuple[Setting, ...]:
    """What is in force for one model, of all that can be said for it alone."""
    return tuple(_find((Target(key, model), Target(key)), said, env, values, path) for key in TUNING.values())


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


def _find(
    targets: Sequence[Target], said: Choices, env: Mapping[str, str], values: Mapping[str, object], path: Path
) -> Setting:
    """Of what the file may say it under, the first one that is there."""
    shared = targets[-1]
    variable = find_variable(shared.key, env)
    if variable is not None:
        return Setting(shared, getattr(said, shared.key.name), Origin.ENVIRONMENT, variable)
    for target in targets:
        if target.dotted in values:
            return Setting(target, values[target.dotted], Origin.FILE, str(path))
    return Setting(shared, shared.key.default, Origin.DEFAULT)
