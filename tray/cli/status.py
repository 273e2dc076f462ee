"""`traypoint status`: how things stand: what the menu's first lines say, and all of it with --json.

Where no app runs, an endpoint that was started alone is looked at, at the address that the settings name.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping

from endpoint.contract import ExitCode
from tray.cli.calling import Status, find_app, first_line
from tray.cli.flags import add_address_flags, add_json_flag, read_choices
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.instance import Instance
from tray.control.wire import Verb as Wish
from tray.errors import ControlError
from tray.health import Target, ask_health, fetch_health
from tray.options import Choices, Options, read_environment
from tray.paths import Paths, find_paths
from tray.reading import count, member, text
from tray.settings import look_at_settings
from tray.status import describe_status, observe

DESCRIPTION = """\
Tell how things stand: state, model, address, and what went wrong.

The exit code is 0 while requests are answered, and 1 otherwise."""
EXAMPLES = """\
  traypoint status           as the menu says it
  traypoint status --watch   a line for each change, until Ctrl-C
  traypoint status --json    all of it, with the endpoint's own /health
"""
LOOK_S = 1.0


def show_status(parsed: argparse.Namespace) -> int:
    """Print it once, or each change. Raises OptionError, SettingsError."""
    paths = find_paths()
    if parsed.watch:
        return _watch(paths, parsed)
    status = read_status(paths, read_choices(parsed))
    print(write_status(status, as_json=parsed.json, indent=2))
    return ExitCode.OK if status["state"] in ("ready", "busy") else ExitCode.FAILURE


def read_status(paths: Paths, flags: Choices) -> Status:
    """What the running app says; where none runs, or another address is named, what an endpoint there does. `app`: the
    process that says so; `health`: the endpoint's own words. Raises OptionError, SettingsError: a running app's word
    doesn't depend on how the file is just now.
    """
    is_named = flags.host is not None or flags.port is not None
    instance = None if is_named else find_app(paths)
    status = None if instance is None else _ask(instance)
    if instance is None or status is None:
        return _look_without_app(_find_options(paths, flags))
    return {"app": {"pid": instance.pid}, **status, "health": _fetch(status)}


def _look_without_app(options: Options) -> Status:
    target = Target(0, options.host, options.port)
    return {"app": None, **describe_status(observe(options, ask_health(target))), "health": fetch_health(target)}


def _find_options(paths: Paths, flags: Choices) -> Options:
    settings = look_at_settings(paths.settings_file)
    return settings.under(flags, read_environment(os.environ)).options


def write_status(status: Status, *, as_json: bool, indent: int | None = None) -> str:
    """For people the menu's first lines, for programs all."""
    if as_json:
        return json.dumps(status, indent=indent)
    lines = status.get("lines")
    told = "\n".join(text(line) for line in lines) if isinstance(lines, list) else first_line(status)
    return told if status.get("app") else f"{told}\n(the app isn't running)"


def _watch(paths: Paths, parsed: argparse.Namespace) -> int:
    before = ""
    while True:
        status = read_status(paths, read_choices(parsed))
        line = write_status({**status, "health": None}, as_json=parsed.json)
        if line != before:
            print(json.dumps(status) if parsed.json else line, flush=True)
            before = line
        time.sleep(LOOK_S)


def _ask(instance: Instance) -> Status | None:
    try:
        return ask(instance, Wish.STATUS)
    except ControlError:
        return None  # it ends just now


def _fetch(status: Status) -> Mapping[str, object] | None:
    """The endpoint's /health, while there is one."""
    host, port = text(member(status.get("settings"), "host")), count(status.get("port"))
    return fetch_health(Target(0, host, port)) if host and port and status.get("state") != "stopped" else None


def add_status_flags(parser: argparse.ArgumentParser) -> None:
    """How to tell it, and of which endpoint."""
    parser.add_argument("--watch", action="store_true", help="go on, and tell each change")
    add_json_flag(parser)
    add_address_flags(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_status_flags, show_status)
