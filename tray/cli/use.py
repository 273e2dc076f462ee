"""`traypoint use MODEL`: serve another model, as a click in the menu does: saved, and undone when it doesn't work."""

from __future__ import annotations

import argparse
import json

from endpoint.contract import ExitCode
from tray.cli.calling import Status, check_outcome, find_app, tell_notice, tell_url, wait_until_settled
from tray.cli.flags import add_force_flag, add_json_flag, reader
from tray.cli.naming import find_model
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.instance import Instance
from tray.control.wire import Verb as Wish
from tray.errors import ControlError, OptionError
from tray.paths import find_paths
from tray.reading import member, text
from tray.settings import save_settings
from tray.values import check_provider, check_text

DESCRIPTION = """\
Serve another model, now and from now on.

A running endpoint answers what it has taken on, then starts again with that model. If it can't be loaded, the one
before runs again and the settings stay as they were."""
EXAMPLES = """\
  traypoint use starter                       the model that comes with Traypoint
  traypoint use qwen3-4b                      one of `traypoint models`, by a part of its name that no other has
  traypoint use ~/models/gemma.gguf           a file
  traypoint use mlx-community/Qwen3-4B-4bit --provider mlx
  traypoint use qwen3-30b --force             although there is too little memory for it, this time
"""


def use(parsed: argparse.Namespace) -> int:
    """Change it and wait for the outcome. Raises OptionError, SettingsError, ControlError."""
    paths = find_paths()
    ref = find_model(parsed.model, parsed.provider, paths)
    values: dict[str, object] = {"endpoint.provider": ref.provider, "endpoint.model": ref.model}
    instance = find_app(paths)
    if instance is None:
        if parsed.force:
            raise OptionError("--force is for an endpoint that runs: start one with `traypoint run --force`")
        save_settings(paths.settings_file, values)
        print(json.dumps({"app": None, **values}) if parsed.json else f"{ref.model} from the next start on.")
        return ExitCode.OK
    status = switch(instance, values, force=parsed.force)
    tell_notice(status)
    if parsed.json:
        print(json.dumps(status, indent=2))
        return ExitCode.OK
    if status["state"] == "stopped":
        print(f"{ref.model} from the next start on: the endpoint is stopped.")
        return ExitCode.OK
    return tell_url(status)


def switch(instance: Instance, values: dict[str, object], *, force: bool = False) -> Status:
    """How things stand once the switch is over. Raises ControlError when it failed, and says what runs now."""
    status = wait_until_settled(instance, ask(instance, Wish.CHANGE, values, force=force))
    if status.get("reverted"):
        raise SwitchFailed(f"{text(status.get('reverted'))} {status.get('model')} runs again.")
    chosen = text(member(status.get("settings"), "model"))
    if chosen != values["endpoint.model"]:
        raise ControlError(f"something else was chosen meanwhile: {chosen}")
    return status if status["state"] == "stopped" else check_outcome(status)


class SwitchFailed(ControlError):
    """What was chosen can't be loaded."""

    exit_code = ExitCode.MODEL


def add_use_flags(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    # An empty word, from a shell's unset variable, would mean the folder one is in.
    told = "a name of `traypoint models`, a file, a folder, a repository"
    parser.add_argument("model", metavar="MODEL", type=reader(check_text), help=told)
    parser.add_argument("--provider", type=reader(check_provider), help="what runs it; else seen from the model")
    add_force_flag(parser)
    add_json_flag(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_use_flags, use)
