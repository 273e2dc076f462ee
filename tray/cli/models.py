"""`traypoint models`: which models are on this machine, and whether they fit into its memory."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import APP_NAME, PROVIDER_ALIASES, ExitCode, ModelRef, find_provider
from tray.cli.flags import add_json_flag
from tray.cli.verb import Verb
from tray.looking import find_models, rate_asked
from tray.models.listing import Listed, describe, draw_table
from tray.models.memory import Memory, read_memory
from tray.models.model import FoundModel
from tray.options import Places, read_environment
from tray.paths import find_paths
from tray.settings import look_at_settings

DESCRIPTION = """\
List the models that are on this machine, by where they are, and whether they fit into its memory.

It looks into Traypoint's own folder, the Hugging Face cache, what LM Studio, Ollama and llama.cpp keep, and the folders
of the setting models.folders, and downloads nothing. The star marks the model that settings or environment name."""

EXAMPLES = f"""\
  {APP_NAME} models                            a table
  {APP_NAME} models --provider mlx             those that MLX can run
  {APP_NAME} models --json                     all that is known of each
  {APP_NAME} use "$({APP_NAME} models --json | jq -r '.models[0].model')"
                                              serve the first one
"""

_USUAL_WIDTH = 100
"""Where the output goes to no terminal."""


def list_models(parsed: argparse.Namespace) -> int:
    """Print the list. Raises OptionError, SettingsError."""
    paths = find_paths()
    settings = look_at_settings(paths.settings_file)
    places = settings.under(read_environment(os.environ))
    found = [each for each in find_models(paths) if parsed.provider in (None, each.ref.provider)]
    if parsed.names:
        print("\n".join(each.name for each in found if not each.problem))
        return ExitCode.OK
    listed = rate_all(found, places, read_memory())
    if parsed.json:
        print(json.dumps({"models": [describe(each) for each in listed]}, indent=2))
    elif listed:
        print(draw_table(listed, shutil.get_terminal_size((_USUAL_WIDTH, 24)).columns))
    else:
        print(f"There are no models here yet. Put GGUF files into {paths.models_dir}, or see docs/models.md.")
    return ExitCode.OK


def add_models_flags(parser: argparse.ArgumentParser) -> None:
    """Which of them, and how."""
    add_json_flag(parser, "all that is known of each model, as JSON")
    parser.add_argument("--names", action="store_true", help="only the names of those that can be used, one a line")
    parser.add_argument("--provider", metavar="NAME", type=_read_provider, help="only models that this one can run")


def rate_all(found: Sequence[FoundModel], places: Places, memory: Memory) -> list[Listed]:
    """How each would fit with its own settings and those for all."""
    chosen = places.options.ref
    return [
        Listed(model, None if model.problem else rate_asked(model, places, memory), is_same(chosen, model.ref))
        for model in found
    ]


def is_same(chosen: ModelRef, found: ModelRef) -> bool:
    """Whether what the user wrote means this model: a provider may have several names, a path several spellings."""
    if find_provider(chosen.provider) != found.provider:
        return False
    return chosen.model == found.model or _expand(chosen.model) == Path(found.model)


def _expand(model: str) -> Path:
    try:
        return Path(model).expanduser().absolute()
    except RuntimeError:  # ~somebody who isn't there
        return Path(model)


def _read_provider(text: str) -> str:
    provider = find_provider(text)
    if provider is None:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(PROVIDER_ALIASES)}, not {text!r}")
    return provider


VERB = Verb(DESCRIPTION, EXAMPLES, add_models_flags, list_models)
