"""`traypoint config`: read and change the settings. What is changed is checked, and saved at once.

A running app looks at the file by itself, so nothing is sent to it from here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from endpoint.contract import DEFAULT_MODEL, ExitCode
from tray.cli.editing import edit_settings
from tray.cli.flags import add_json_flag, reader
from tray.cli.naming import FILES, find_model, settle
from tray.cli.table import align
from tray.cli.verb import Verb
from tray.effective import Setting, find_own_settings, find_settings, find_variable, format_value
from tray.errors import OptionError, SettingsError
from tray.inspection import Inspection, inspect_file
from tray.keys import BY_NAME, KEYS, TUNING, find_key
from tray.migrations import MIGRATIONS
from tray.options import read_environment
from tray.paths import find_paths
from tray.settings import load_settings, save_settings
from tray.suggestions import suggest
from tray.targets import Target, find_target
from tray.values import check_text

DESCRIPTION = """\
Read and change the settings. KEY is a whole name, endpoint.port, or its last part, port.

A setting comes from the first of: environment (TRAYPOINT_PORT, …), settings file, default; flags of a single start
win over all of them. What the file says for one model alone wins over what it says for all."""
EXAMPLES = """\
  traypoint config list                       every setting: its value, where that comes from, what it is for
  traypoint config get port --show-origin     one of them
  traypoint config set model ~/models/qwen.gguf
  traypoint config set notifications off
  traypoint config unset ctx_size             back to the default
  traypoint config set ctx_size 8192 --model qwen3-4b       for this model alone
  traypoint config list --model qwen3-4b      what is in force for it
  traypoint config edit                       the file, in your editor, checked afterwards
"""
EDIT = "`traypoint config edit` opens it"
TOLD = "a running Traypoint takes it up within two seconds"


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `config`; each sets the function that does it as `deed`."""
    deeds = parser.add_subparsers(metavar="DEED", title="deeds", required=True)

    def add(name: str, told: str) -> argparse.ArgumentParser:
        return deeds.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.", allow_abbrev=False)

    def add_keyed(name: str, told: str) -> argparse.ArgumentParser:
        parser = add(name, told)
        parser.add_argument("key", metavar="KEY", help="the setting's name")
        _add_model_flag(parser, "for this model alone")
        return parser

    get = add_keyed("get", "print a setting's value")
    get.add_argument("--show-origin", action="store_true", help="and say where it comes from")
    add_json_flag(get, "value and origin as JSON")
    get.set_defaults(deed=get_value)
    setter = add_keyed("set", "change a setting in the file, for a running app too")
    setter.add_argument("value", metavar="VALUE", help="what it shall be: on and off for switches, folders as in PATH")
    setter.set_defaults(deed=set_value)
    unset = add_keyed("unset", "take a setting out of the file: its default is in force again")
    unset.set_defaults(deed=unset_value)
    lister = add("list", "print every setting: its value, where that comes from, what it is for")
    _add_model_flag(lister, "those about one model")
    add_json_flag(lister)
    lister.set_defaults(deed=list_values)
    add("path", "print where the settings file is").set_defaults(deed=print_path)
    add("edit", "open the file in $VISUAL or $EDITOR, and check it afterwards").set_defaults(deed=edit)


def _add_model_flag(parser: argparse.ArgumentParser, told: str) -> None:
    help_ = f"{told}: a name of `traypoint models`, or as the settings have it"
    parser.add_argument("--model", metavar="MODEL", dest="of_model", type=reader(check_text), help=help_)


def do_deed(parsed: argparse.Namespace) -> int:
    """Do what the second word says. Raises OptionError, SettingsError, DesktopError."""
    code: int = parsed.deed(parsed)
    return code


def get_value(parsed: argparse.Namespace) -> int:
    """Print one value; an empty line where the endpoint chooses. Raises OptionError, SettingsError."""
    target = name_target(parsed.key, parsed.of_model)
    setting = next(each for each in read_settings(os.environ, target.model) if each.key is target.key)
    if parsed.json:
        print(json.dumps(describe(setting), indent=2))
    elif parsed.show_origin:
        print(f"{format_value(setting.value)}  ({name_origin(setting)})")
    else:
        print(format_value(setting.value))
    return ExitCode.OK


def list_values(parsed: argparse.Namespace) -> int:
    """Print all settings. Raises OptionError, SettingsError."""
    settings = read_settings(os.environ, find_name(parsed.of_model) if parsed.of_model else "")
    if parsed.json:
        print(json.dumps([describe(setting) for setting in settings], indent=2))
        return ExitCode.OK
    rows = [(s.target.dotted, format_value(s.value) or "–", name_origin(s), s.key.told) for s in settings]
    print("\n".join(align(rows)))
    return ExitCode.OK


def set_value(parsed: argparse.Namespace) -> int:
    """Check and save one value. Raises OptionError, SettingsError."""
    target = name_target(parsed.key, parsed.of_model)
    try:
        value = target.key.read(parsed.value)
    except ValueError as error:
        raise OptionError(f"{target.dotted} {error}") from error
    if target.key.name in FILES:
        value = settle(str(value))
    save(target, value)
    print(f"{target.dotted} = {format_value(value)} ({TOLD})")
    return ExitCode.OK


def unset_value(parsed: argparse.Namespace) -> int:
    """Take one value out of the file. Raises OptionError, SettingsError."""
    target = name_target(parsed.key, parsed.of_model)
    save(target, None)
    key = target.key
    usual = "as for all models" if target.model else format_value(key.default) or key.told.partition("; else ")[2]
    print(f"{target.dotted}: {usual or 'unset'} ({TOLD})")
    return ExitCode.OK


def print_path(_: argparse.Namespace) -> int:
    """Print the file's path, whether it is there or not."""
    print(find_paths().settings_file)
    return ExitCode.OK


def edit(_: argparse.Namespace) -> int:
    """Have the file edited. Raises DesktopError, SettingsError."""
    return edit_settings(find_paths().settings_file, os.environ, sys.stdin, sys.stderr)


def name_target(name: str, model: str | None) -> Target:
    """What is meant by a name and a model's, None: all models. Raises OptionError, with names that are near."""
    target = find_target(name)
    key = target.key if target else find_key(name)
    if key is None:
        near = suggest(name, [*(key.name for key in KEYS), *BY_NAME])
        raise OptionError(f"there is no setting {name!r}{near} (`traypoint config list` shows all)")
    if model is None:
        return target or Target(key)
    if not key.is_tuning:
        raise OptionError(f"{key.dotted} is for all models; for one alone there can be {', '.join(TUNING)}")
    return Target(key, find_name(model))


def find_name(model: str) -> str:
    """The name under which the file holds a model's settings. Raises OptionError, SettingsError."""
    paths = find_paths()
    targets = (find_target(name) for name in read_file(paths.settings_file).values)
    is_told = any(target and target.model == model for target in targets)  # it may be gone, and its settings not
    return model if is_told else find_model(model, None, paths).model


def read_settings(env: Mapping[str, str], model: str) -> tuple[Setting, ...]:
    """All settings as they are in force, with a model's name those about it. Raises OptionError, SettingsError."""
    path = find_paths(env).settings_file
    found = read_file(path)
    if found.mistakes:
        raise SettingsError(f"{path}: {found.mistakes[0]} ({EDIT})")
    said = read_environment(env)
    if model:
        return find_own_settings(said, env, found.values, path, model)
    return find_settings(said, env, found.values, path)


def read_file(path: Path) -> Inspection:
    """The file, brought up to date first where it is an older version's. Raises SettingsError."""
    found = inspect_file(path)
    if found.schema < len(MIGRATIONS):
        load_settings(path, date.today())
        return inspect_file(path)
    return found


def save(target: Target, value: object) -> None:
    """Write one key, None: take it out. A mistake elsewhere in the file stays, and is told. Raises SettingsError."""
    path, name = find_paths().settings_file, target.dotted
    found = read_file(path)
    if found.obstacle:
        raise SettingsError(f"{path}: {found.obstacle}; nothing was changed ({EDIT})")
    if value is not None or name in found.values or any(m.key == name for m in found.mistakes):
        save_settings(path, {name: value})
    for line in _list_warnings(target, found, path):
        print(f"traypoint: {line}", file=sys.stderr)


def _list_warnings(target: Target, found: Inspection, path: Path) -> Iterator[str]:
    """What wins over the value that was written, and what else is wrong with the file."""
    variable = find_variable(target.key, os.environ)
    if variable is not None:
        yield f"{variable} is set in this shell, and wins over the file"
    own = Target(target.key, str(found.values.get("endpoint.model", DEFAULT_MODEL)))
    if not target.model and own.dotted in found.values:
        yield f"{own.dotted} = {format_value(found.values[own.dotted])} wins over it, for that model"
    yield from (f"{path}: {mistake}" for mistake in found.mistakes if mistake.key != target.dotted)


def describe(setting: Setting) -> dict[str, object]:
    """One setting, for programs."""
    return {
        "key": setting.target.dotted,
        "value": setting.value,
        "origin": setting.origin.value,
        "where": setting.where or None,
        "default": setting.key.default,
        "told": setting.key.told,
    }


def name_origin(setting: Setting) -> str:
    """Where a value comes from, in a word or two."""
    return f"{setting.origin} {setting.where}" if setting.origin == "environment" else str(setting.origin)


VERB = Verb(DESCRIPTION, EXAMPLES, add_config_arguments, do_deed)
