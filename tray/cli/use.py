"""`traypoint use MODEL`: serve another model, as a click in the menu does: saved, and undone when it doesn't work."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import DEFAULT_MODEL, DEFAULT_PROVIDER, ExitCode, ModelRef
from tray.cli.calling import Status, check_outcome, find_app, tell_notice, tell_url, wait_until_settled
from tray.cli.flags import add_json_flag
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.instance import Instance
from tray.control.wire import Verb as Wish
from tray.errors import ControlError, OptionError
from tray.paths import Paths, find_paths
from tray.reading import member, text
from tray.settings import save_settings

DESCRIPTION = """\
Serve another model, now and from now on.

A running endpoint answers what it has taken on, then starts again with that model. If it can't be loaded, the one
before runs again and the settings stay as they were."""
EXAMPLES = """\
  traypoint use starter                       the model that comes with Traypoint
  traypoint use qwen3-4b                      one of `traypoint models`, by a part of its name that no other has
  traypoint use ~/models/gemma.gguf           a file
  traypoint use mlx-community/Qwen3-4B-4bit --provider mlx
"""


def use(parsed: argparse.Namespace) -> int:
    """Change it and wait for the outcome. Raises OptionError, SettingsError, ControlError."""
    paths = find_paths()
    ref = find_model(parsed.model, parsed.provider, paths)
    values: dict[str, object] = {"endpoint.provider": ref.provider, "endpoint.model": ref.model}
    instance = find_app(paths)
    if instance is None:
        save_settings(paths.settings_file, values)
        print(json.dumps({"app": None, **values}) if parsed.json else f"{ref.model} from the next start on.")
        return ExitCode.OK
    status = switch(instance, values)
    tell_notice(status)
    if parsed.json:
        print(json.dumps(status, indent=2))
        return ExitCode.OK
    if status["state"] == "stopped":
        print(f"{ref.model} from the next start on: the endpoint is stopped.")
        return ExitCode.OK
    return tell_url(status)


def switch(instance: Instance, values: dict[str, object]) -> Status:
    """How things stand once the switch is over. Raises ControlError when it failed, and says what runs now."""
    status = wait_until_settled(instance, ask(instance, Wish.CHANGE, values))
    if status.get("reverted"):
        raise SwitchFailed(f"{text(status.get('reverted'))} {status.get('model')} runs again.")
    chosen = text(member(status.get("settings"), "model"))
    if chosen != values["endpoint.model"]:
        raise ControlError(f"something else was chosen meanwhile: {chosen}")
    return status if status["state"] == "stopped" else check_outcome(status)


class SwitchFailed(ControlError):
    """What was chosen can't be loaded."""

    exit_code = ExitCode.MODEL


def find_model(name: str, provider: str | None, paths: Paths) -> ModelRef:
    """The model that a person means: a path or a repository as it is, else what is installed. Raises OptionError."""
    path = _find_path(name)
    if provider is not None:  # a repository, a path, or what only this provider understands
        return ModelRef(provider, name if path is None else str(path))
    if name == DEFAULT_MODEL:
        return ModelRef(DEFAULT_PROVIDER, name)
    if path is not None:
        return ModelRef("mlx" if path.is_dir() else "llamacpp", str(path))
    return _find_installed(name, paths)


def _find_path(name: str) -> Path | None:
    """What lies there, with its whole path: the app was started in another folder, where a relative one means another
    file. None: nothing does.
    """
    try:
        path = Path(name).expanduser()
        return path.absolute() if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, or with a NUL; an unknown user (~nobody)
        return None


def _find_installed(name: str, paths: Paths) -> ModelRef:
    from tray.looking import find_models

    wanted, models = name.casefold(), [model for model in find_models(paths) if not model.problem]
    exact = [m.ref for m in models if wanted in (m.name.casefold(), m.ref.model.casefold())]
    near = [m.ref for m in models if wanted in m.name.casefold()]
    found = list(dict.fromkeys(exact or near))
    if len(found) == 1:
        return found[0]
    raise OptionError(_describe_choice(name, found))


def _describe_choice(name: str, found: Sequence[ModelRef]) -> str:
    if not found:
        return f"no model {name!r} is installed, and there is no such file: `traypoint models` lists what there is"
    return f"{name!r} may mean any of: {', '.join(ref.model for ref in found[:8])}"


def add_use_flags(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    from tray.cli.flags import reader
    from tray.keys import check_provider, check_text

    # An empty word, from a shell's unset variable, would mean the folder one is in.
    told = "a name of `traypoint models`, a file, a folder, a repository"
    parser.add_argument("model", metavar="MODEL", type=reader(check_text), help=told)
    parser.add_argument("--provider", type=reader(check_provider), help="what runs it; else seen from the model")
    add_json_flag(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_use_flags, use)
