"""`traypoint start`: have the running app serve, or start one in the background, without an icon."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import BinaryIO

from endpoint.contract import ExitCode
from tray.cli.calling import POLL_S, Status, check_outcome, find_app, tell_notice, tell_url, wait_until_settled
from tray.cli.flags import add_force_flag, add_json_flag, add_serving_flags, read_choices
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.wire import Verb as Wish
from tray.errors import ControlError, OptionError
from tray.keys import ENDPOINT, KEYS
from tray.login.command import find_command
from tray.options import Choices
from tray.paths import Paths, find_paths

DESCRIPTION = """\
Start the endpoint, and wait until it is ready.

Where Traypoint runs already, with or without an icon, it is asked to. Else it is started in the background, without an
icon, and goes on until `traypoint stop`."""
EXAMPLES = """\
  traypoint start                             as the settings say
  traypoint start --model ~/models/qwen.gguf  with another model, this time
  traypoint start --json                      how things stand then, for programs
"""
END_S = 10.0
"""How long an app may take to go once it has nothing to do any more."""


def start(parsed: argparse.Namespace) -> int:
    """The endpoint's address once it is ready. Raises OptionError, ControlError."""
    paths, choices = find_paths(), read_choices(parsed)
    instance = find_app(paths)
    if instance is None:
        app = start_in_background(paths, choices, is_forced=parsed.force)
        status = follow_start(paths, app)
        if status is None:
            return _tell_end(paths, app.wait())
    elif parsed.force or choices != Choices():
        told = "change it with `traypoint use MODEL`, which has --force too, or `traypoint config set`"
        raise OptionError(f"Traypoint runs already: {told}")
    else:
        status = check_outcome(wait_until_settled(instance, ask(instance, Wish.START)))
    tell_notice(status)
    if parsed.json:
        print(json.dumps(status, indent=2))
        return ExitCode.OK
    return tell_url(status)


def start_in_background(paths: Paths, choices: Choices, *, is_forced: bool = False) -> subprocess.Popen[bytes]:
    """Start the app on its own; what it says goes to its log. Raises ControlError."""
    command = [*find_command(sys.argv[0], os.environ), "--no-tray", *write_flags(choices)]
    command += ["--force"] if is_forced else []
    env = {**os.environ, **({"TRAYPOINT_API_KEY": choices.api_key} if choices.api_key else {})}
    with _open_log(paths) as log:
        return subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=os.name != "nt",  # it stays when this terminal goes
            creationflags=_creation_flags(),
        )


def follow_start(paths: Paths, app: subprocess.Popen[bytes]) -> Status | None:
    """How things stand once the app serves; None when it has ended instead, which it does when it can't."""
    while app.poll() is None:
        instance = find_app(paths)
        if instance is None:
            time.sleep(POLL_S)
            continue
        try:
            return check_outcome(wait_until_settled(instance, ask(instance, Wish.START)))
        except ControlError:
            if not _has_ended(app):
                raise
    return None


def write_flags(choices: Choices) -> list[str]:
    """Choices as the flags of `run`. The API key goes by environment: others see flags."""
    said = {key.flag: getattr(choices, key.name) for key in KEYS if key.section == ENDPOINT}
    return [f"{flag}={value}" for flag, value in said.items() if value is not None]


def _tell_end(paths: Paths, code: int) -> int:
    """Say here what the app said, as its reason; the exit code. Raises ControlError where it had none."""
    sys.stderr.write(paths.app_log.read_text(errors="replace"))
    if code == ExitCode.OK:
        raise ControlError("it was stopped before it was ready")
    return code


def _has_ended(app: subprocess.Popen[bytes]) -> bool:
    """Whether it ends just now: its channel closes before it does."""
    try:
        app.wait(END_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _open_log(paths: Paths) -> BinaryIO:
    try:
        paths.log_dir.mkdir(parents=True, exist_ok=True)
        # For its owner only: a new API key is told there.
        return os.fdopen(os.open(paths.app_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise ControlError(f"{paths.app_log} can't be written: {error.strerror or error}") from error


def _creation_flags() -> int:
    """Windows: no console window, and none of ours. Elsewhere 0."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0


def add_start_flags(parser: argparse.ArgumentParser) -> None:
    """What to serve."""
    add_json_flag(parser, "how things stand then, as JSON")
    add_force_flag(parser)
    add_serving_flags(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_start_flags, start)
