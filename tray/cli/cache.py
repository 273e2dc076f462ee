"""`traypoint cache`: what a running endpoint's prompt cache takes, and `traypoint cache clear`.

The endpoint is the one that these flags, the environment or the settings file name, whoever started it.
"""

from __future__ import annotations

import argparse
import json
import os

from endpoint.contract import ExitCode
from tray.cli.flags import add_address_flags, add_json_flag, read_choices
from tray.cli.verb import Verb
from tray.errors import CacheError, NoAnswer
from tray.health import Target
from tray.options import Options, read_environment
from tray.paths import find_paths
from tray.prompt_cache import ask_stats, clear_cache, read_figures
from tray.settings import look_at_settings
from tray.state import url_host
from tray.wording import describe_cache

DESCRIPTION = "Tell what the prompt cache of a running endpoint takes, or clear it."
EXAMPLES = """\
  traypoint cache               what it takes in memory and on disk
  traypoint cache --json        all that the endpoint tells of it
  traypoint cache clear         forget what it holds, and all that is saved
"""
WHERE = "Start Traypoint, or name another place with --host and --port"


def add_cache_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and which endpoint is meant."""
    forgets = "clear: forget what it holds, and all that is saved"
    parser.add_argument("deed", nargs="?", choices=["clear"], help=forgets)
    add_json_flag(parser, "all that the endpoint tells of its cache, as JSON")
    add_address_flags(parser)


def show_cache(parsed: argparse.Namespace) -> int:
    """Print the figures, after clearing if that is asked. Raises CacheError, OptionError, SettingsError."""
    settings = look_at_settings(find_paths().settings_file)
    options = settings.under(read_choices(parsed), read_environment(os.environ)).options
    try:
        print(ask_endpoint(options, clears=parsed.deed == "clear", as_json=parsed.json))
    except CacheError as error:
        reason = f"{str(error).removesuffix('.')}."
        raise CacheError(f"The prompt cache at {url_host(options.host)}:{options.port}: {reason}") from error
    return ExitCode.OK


def ask_endpoint(options: Options, *, clears: bool, as_json: bool) -> str:
    """What to print. Raises CacheError."""
    target = Target(0, options.host, options.port)
    try:
        if clears:
            clear_cache(target, options.api_key)
        stats = ask_stats(target, options.api_key)
    except NoAnswer as error:
        raise NoAnswer(f"nothing answers there. {WHERE}") from error
    if as_json:
        return json.dumps(stats, indent=2)
    cleared = ["Prompt cache cleared"] if clears else []
    return " · ".join([*cleared, *describe_cache(read_figures(stats))]) or "The endpoint tells no figures of its cache."


VERB = Verb(DESCRIPTION, EXAMPLES, add_cache_arguments, show_cache)
