"""`traypoint stop`: end the endpoint; an app without an icon ends with it."""

from __future__ import annotations

import argparse
import json
import time

from endpoint.contract import ExitCode
from tray.cli.calling import POLL_S, Status, find_app, is_passing
from tray.cli.flags import add_json_flag
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.instance import Instance
from tray.control.wire import Verb as Wish
from tray.errors import ControlError
from tray.paths import find_paths

DESCRIPTION = """\
Stop the endpoint, and wait until it has ended. Running answers have a few seconds.

The icon stays, if there is one; an app without an icon ends with its endpoint."""
EXAMPLES = """\
  traypoint stop           free the memory and the port
  traypoint stop --app     end the app as well, its icon too
"""


def stop(parsed: argparse.Namespace) -> int:
    """Say what has ended. Raises ControlError."""
    instance = find_app(find_paths())
    if instance is None:
        return _tell(parsed, "Traypoint doesn't run.")
    wait_for_end(instance, ask(instance, Wish.QUIT if parsed.app else Wish.STOP))
    return _tell(parsed, "Traypoint has ended." if parsed.app else "Stopped.")


def wait_for_end(instance: Instance, status: Status) -> None:
    """Wait until the endpoint has gone, or the whole app."""
    while is_passing(status):
        time.sleep(POLL_S)
        try:
            status = ask(instance, Wish.STATUS)
        except ControlError:
            return  # it has gone, which is what was wanted


def _tell(parsed: argparse.Namespace, told: str) -> int:
    print(json.dumps({"state": "stopped"}) if parsed.json else told)
    return ExitCode.OK


def add_stop_flags(parser: argparse.ArgumentParser) -> None:
    """How far to go."""
    parser.add_argument("--app", action="store_true", help="end the whole app, its icon too")
    add_json_flag(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_stop_flags, stop)
