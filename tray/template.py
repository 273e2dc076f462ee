"""A settings file to begin with: every key with what it is for and its default, all as comments."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tray.keys import KEYS, Key
from tray.migrations import MIGRATIONS
from tray.settings import write_atomically

_OPENING = """\
# Traypoint's settings. A line without its # counts; flags and environment variables win over it.
# A running Traypoint follows changes by itself, within a second.
"""


def write_template(path: Path) -> None:
    """Make the file where there is none. Raises SettingsError."""
    if not path.exists():
        write_atomically(path, make_template())


def make_template() -> str:
    """TOML in which only the schema's number is said."""
    lines = [_OPENING, f"schema = {len(MIGRATIONS)}"]
    for section, keys in groupby(KEYS, key=lambda key: key.section):
        lines += ["", f"[{section}]", *(_describe(key) for key in keys)]
    return "\n".join(lines) + "\n"


def _describe(key: Key) -> str:
    value = "" if key.default is None else _write(key.default)
    return f"# {key.name} = {value}".rstrip() + f"  # {key.told}"


def _write(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[]"
    return f'"{value}"' if isinstance(value, str) else str(value)
