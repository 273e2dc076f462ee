"""`traypoint restart`: stop the endpoint and start it again, in the app that runs."""

from __future__ import annotations

import argparse
import json

from endpoint.contract import ExitCode
from tray.cli.calling import check_outcome, find_app, tell_url, wait_until_settled
from tray.cli.flags import add_json_flag
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.wire import Verb as Wish
from tray.errors import ControlError
from tray.paths import find_paths

DESCRIPTION = "Stop the endpoint, start it again with the same model, and wait until it is ready."
EXAMPLES = """\
  traypoint restart
"""


def restart(parsed: argparse.Namespace) -> int:
    """The endpoint's address once it is ready again. Raises ControlError."""
    instance = find_app(find_paths())
    if instance is None:
        raise ControlError("Traypoint doesn't run. `traypoint start` starts it")
    status = check_outcome(wait_until_settled(instance, ask(instance, Wish.RESTART)))
    if parsed.json:
        print(json.dumps(status, indent=2))
        return ExitCode.OK
    return tell_url(status)


VERB = Verb(DESCRIPTION, EXAMPLES, add_json_flag, restart)
