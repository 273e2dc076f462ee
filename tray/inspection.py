"""A look at the settings file that changes nothing: what it says, what is wrong with it, and on which line. Pure but
for reading the file. `tray/settings.py` is what the app itself reads it with.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tray.errors import SettingsError
from tray.migrations import MIGRATIONS
from tray.tables import Place, list_strangers, list_tables, write_header

AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, in one sentence; the line's number, from 1, and its text, where they are known.

    `key` is the whole name of the key whose value it is; empty: the file as a whole can't be used.
    """

    told: str
    line: int | None = None
    text: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.told}" if self.line else self.told


@dataclass(frozen=True, slots=True)
class Inspection:
    """`values` by the keys' whole names, those that are allowed; `unknown` is ignored by the app, and may be a slip."""

    values: Mapping[str, object]
    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[str, ...] = ()
    schema: int = len(MIGRATIONS)

    @property
    def obstacle(self) -> Mistake | None:
        """What keeps the file from being used, and from being changed, at all."""
        return next((mistake for mistake in self.mistakes if not mistake.key), None)


def inspect_file(path: Path) -> Inspection:
    """Look at the file; none at all is an empty one. Raises SettingsError when it can't be read."""
    try:
        return inspect_text(path.read_bytes().decode())
    except FileNotFoundError:
        return Inspection({})
    except UnicodeDecodeError as error:
        return Inspection({}, (Mistake(f"it is not UTF-8 text ({error.reason} at byte {error.start})"),))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from error


def inspect_text(text: str) -> Inspection:
    """Look at a file's content."""
    lines = text.splitlines()
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, too many digits, too many brackets
        return Inspection({}, (_locate_syntax(str(error), lines),))
    schema = table.get("schema", len(MIGRATIONS))
    if not isinstance(schema, int) or isinstance(schema, bool) or not 0 <= schema <= len(MIGRATIONS):
        told = (
            f"schema must be a whole number up to {len(MIGRATIONS)}, not {schema!r}: is the file a newer Traypoint's?"
        )
        return Inspection({}, (_locate(told, lines, (), "schema"),))
    return _inspect_table(table, lines, schema)


def _inspect_table(table: Mapping[str, Any], lines: list[str], schema: int) -> Inspection:
    values: dict[str, object] = {}
    mistakes: list[Mistake] = []
    unknown = list_strangers(table)
    for place, keys, found in list_tables(table):
        header = write_header(place)
        if not isinstance(found, dict):
            told = f"{header} must be a table ([{header}]), not {found!r}"
            mistakes.append(_locate(told, lines, place[:-1], place[-1]))
            continue
        for name, value in found.items():
            key = keys.get(name)
            if key is None:
                unknown.append(f"{header}.{name}")
                continue
            dotted = f"{header}.{name}"
            try:
                values[dotted] = key.check(value)
            except ValueError as error:
                mistakes.append(replace(_locate(f"{dotted} {error}", lines, place, name), key=dotted))
    return Inspection(values, tuple(mistakes), tuple(unknown), schema)


def _locate(told: str, lines: list[str], place: Place, name: str) -> Mistake:
    """The mistake with its line, found by its name under its header; without where it is written in another way."""
    before = rf"(?:{re.escape(write_header(place))}\s*\.\s*)?" if place else ""
    assigns = re.compile(rf"\s*{before}[\"']?{re.escape(name)}[\"']?\s*=")
    here: Place = ()
    for number, line in enumerate(lines, start=1):
        header = _read_header(line)
        if header is not None:
            here = header
        elif here in (place, ()) and assigns.match(line):
            return Mistake(told, number, line)
    return Mistake(told)


def _read_header(line: str) -> Place | None:
    """The names in a line like `[model."qwen.gguf"]`; None where it is none."""
    if not line.lstrip().startswith("["):
        return None
    try:
        table: object = tomllib.loads(line)
    except (ValueError, RecursionError):
        return None
    names: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        name, table = next(iter(table.items()))
        names.append(name)
    return tuple(names)


def _locate_syntax(told: str, lines: list[str]) -> Mistake:
    """The parser's words, which end in the place."""
    at = AT_LINE.search(told)
    if at is None:  # "(at end of document)"
        return Mistake(f"not valid TOML: {told}")
    number = int(at[1])
    text = lines[number - 1] if number <= len(lines) else ""
    return Mistake(f"not valid TOML: {AT_LINE.sub('', told).strip()}", number, text)
