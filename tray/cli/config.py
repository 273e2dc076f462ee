"""`traypoint config`: read and change the settings. What is changed is checked, and saved at once.

A running app looks at the file by itself, so nothing is sent to it from here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from endpoint.contract import ExitCode
from tray.cli.editing import edit_settings
from tray.cli.flags import add_json_flag
from tray.cli.table import align
from tray.cli.verb import Verb
from tray.effective import Setting, find_settings, find_variable, format_value
from tray.errors import OptionError, SettingsError
from tray.inspection import Inspection, inspect_file
from tray.keys import BY_NAME, KEYS, Key, find_key
from tray.migrations import MIGRATIONS
from tray.options import read_environment
from tray.paths import find_paths
from tray.settings import load_settings, save_settings
from tray.suggestions import suggest

DESCRIPTION = """\
Read and change the settings. KEY is a whole name, endpoint.port, or its last part, port.

A setting comes from the first of: environment (TRAYPOINT_PORT, …), settings file, default; flags of a single start
win over all of them."""
EXAMPLES = """\
  traypoint config list                       every setting: its value, where that comes from, what it is for
  traypoint config get port --show-origin     one of them
  traypoint config set model ~/models/qwen.gguf
  traypoint config set notifications off
  traypoint config unset ctx_size             back to the default
  traypoint config edit                       the file, in your editor, checked afterwards
"""
EDIT = "`traypoint config edit` opens it"
TOLD = "a running Traypoint takes it up within two seconds"


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `config`; each sets the function that does it as `deed`."""
    deeds = parser.add_subparsers(metavar="DEED", title="deeds", required=True)

    def add(name: str, told: str) -> argparse.ArgumentParser:
        return deeds.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.", allow_abbrev=False)

    get = add("get", "print a setting's value")
    get.add_argument("key", metavar="KEY", help="the setting's name")
    get.add_argument("--show-origin", action="store_true", help="and say where it comes from")
    add_json_flag(get, "value and origin as JSON")
    get.set_defaults(deed=get_value)
    setter = add("set", "change a setting in the file, for a running app too")
    setter.add_argument("key", metavar="KEY", help="the setting's name")
    setter.add_argument("value", metavar="VALUE", help="what it shall be: on and off for switches, folders as in PATH")
    setter.set_defaults(deed=set_value)
    unset = add("unset", "take a setting out of the file: its default is in force again")
    unset.add_argument("key", metavar="KEY", help="the setting's name")
    unset.set_defaults(deed=unset_value)
    lister = add("list", "print every setting: its value, where that comes from, what it is for")
    add_json_flag(lister)
    lister.set_defaults(deed=list_values)
    add("path", "print where the settings file is").set_defaults(deed=print_path)
    add("edit", "open the file in $VISUAL or $EDITOR, and check it afterwards").set_defaults(deed=edit)


def do_deed(parsed: argparse.Namespace) -> int:
    """Do what the second word says. Raises OptionError, SettingsError, DesktopError."""
    code: int = parsed.deed(parsed)
    return code


def get_value(parsed: argparse.Namespace) -> int:
    """Print one value; an empty line where the endpoint chooses. Raises OptionError, SettingsError."""
    key = name_key(parsed.key)
    setting = next(each for each in read_settings(os.environ) if each.key is key)
    if parsed.json:
        print(json.dumps(describe(setting), indent=2))
    elif parsed.show_origin:
        print(f"{format_value(setting.value)}  ({name_origin(setting)})")
    else:
        print(format_value(setting.value))
    return ExitCode.OK


def list_values(parsed: argparse.Namespace) -> int:
    """Print all settings. Raises OptionError, SettingsError."""
    settings = read_settings(os.environ)
    if parsed.json:
        print(json.dumps([describe(setting) for setting in settings], indent=2))
        return ExitCode.OK
    rows = [(s.key.dotted, format_value(s.value) or "–", name_origin(s), s.key.told) for s in settings]
    print("\n".join(align(rows)))
    return ExitCode.OK


def set_value(parsed: argparse.Namespace) -> int:
    """Check and save one value. Raises OptionError, SettingsError."""
    key = name_key(parsed.key)
    try:
        value = _settle(key, key.read(parsed.value))
    except ValueError as error:
        raise OptionError(f"{key.dotted} {error}") from error
    save(key, value)
    print(f"{key.dotted} = {format_value(value)} ({TOLD})")
    return ExitCode.OK


def unset_value(parsed: argparse.Namespace) -> int:
    """Take one value out of the file. Raises OptionError, SettingsError."""
    key = name_key(parsed.key)
    save(key, None)
    print(f"{key.dotted}: {format_value(key.default) or key.told.partition('; else ')[2] or 'unset'} ({TOLD})")
    return ExitCode.OK


def print_path(_: argparse.Namespace) -> int:
    """Print the file's path, whether it is there or not."""
    print(find_paths().settings_file)
    return ExitCode.OK


def edit(_: argparse.Namespace) -> int:
    """Have the file edited. Raises DesktopError, SettingsError."""
    return edit_settings(find_paths().settings_file, os.environ, sys.stdin, sys.stderr)


def name_key(name: str) -> Key:
    """The key of this name. Raises OptionError, with names that are near."""
    key = find_key(name)
    if key is None:
        near = suggest(name, [*(key.name for key in KEYS), *BY_NAME])
        raise OptionError(f"there is no setting {name!r}{near} (`traypoint config list` shows all)")
    return key


def read_settings(env: Mapping[str, str]) -> tuple[Setting, ...]:
    """All settings as they are in force. Raises OptionError, SettingsError."""
    path = find_paths(env).settings_file
    found = read_file(path)
    if found.mistakes:
        raise SettingsError(f"{path}: {found.mistakes[0]} ({EDIT})")
    return find_settings(read_environment(env), env, found.values, path)


def read_file(path: Path) -> Inspection:
    """The file, brought up to date first where it is an older version's. Raises SettingsError."""
    found = inspect_file(path)
    if found.schema < len(MIGRATIONS):
        load_settings(path, date.today())
        return inspect_file(path)
    return found


def save(key: Key, value: object) -> None:
    """Write one key, None: take it out. A mistake elsewhere in the file stays, and is told. Raises SettingsError."""
    path = find_paths().settings_file
    found = read_file(path)
    if found.obstacle:
        raise SettingsError(f"{path}: {found.obstacle}; nothing was changed ({EDIT})")
    if value is not None or key.dotted in found.values or any(m.key == key.dotted for m in found.mistakes):
        save_settings(path, {key.dotted: value})
    variable = find_variable(key, os.environ)
    if variable is not None:
        _warn(f"{variable} is set in this shell, and wins over the file")
    for mistake in found.mistakes:
        if mistake.key != key.dotted:
            _warn(f"{path}: {mistake}")


def _settle(key: Key, value: object) -> object:
    """A model that lies here gets its whole path: where the app is started, a relative one may mean another file."""
    if key.name != "model" or not isinstance(value, str):
        return value
    path = Path(value).expanduser()
    return str(path.absolute()) if path.exists() else value


def describe(setting: Setting) -> dict[str, object]:
    """One setting, for programs."""
    return {
        "key": setting.key.dotted,
        "value": setting.value,
        "origin": setting.origin.value,
        "where": setting.where or None,
        "default": setting.key.default,
        "told": setting.key.told,
    }


def name_origin(setting: Setting) -> str:
    """Where a value comes from, in a word or two."""
    return f"{setting.origin} {setting.where}" if setting.origin == "environment" else str(setting.origin)


def _warn(line: str) -> None:
    print(f"traypoint: {line}", file=sys.stderr)


VERB = Verb(DESCRIPTION, EXAMPLES, add_config_arguments, do_deed)
