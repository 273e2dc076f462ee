"""`traypoint rm`: delete a model, after asking. Only from the hub's cache and the app's own folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from endpoint.contract import ExitCode
from tray.cli.flags import add_json_flag
from tray.cli.status import read_status
from tray.cli.verb import Verb
from tray.errors import ModelsError, OptionError
from tray.looking import find_models
from tray.models.places import find_places
from tray.models.removable import plan_removal
from tray.models.removal import Removal, remove
from tray.models.sizes import format_bytes
from tray.options import Choices
from tray.paths import Paths, find_paths
from tray.reading import member, text

DESCRIPTION = """\
Delete a model, and say how much room that makes. It asks first.

MODEL is a name or a path of `traypoint models`, or OWNER/NAME[:FILE|QUANT] in Hugging Face's cache; without FILE or
QUANT all of that repository goes, what is half-downloaded too. Models that other programs keep are theirs to delete."""
EXAMPLES = """\
  traypoint rm unsloth/Qwen3-4B-GGUF:Q8_0       one quantisation
  traypoint rm mlx-community/Qwen3-4B-4bit      a repository
  traypoint rm Qwen3-4B-Q4_K_M --yes            without asking
"""


def rm(parsed: argparse.Namespace) -> int:
    """Plan, ask, delete, tell. Raises OptionError, SettingsError, ModelsError."""
    paths = find_paths()
    places = find_places(os.environ, Path.home(), sys.platform, paths.models_dir)
    removal = plan_removal(parsed.model, find_models(paths), places)
    _refuse_running(removal, parsed.model, paths)
    if not parsed.yes and not _confirm(removal, parsed.model):
        print("Nothing was deleted.", file=sys.stderr)
        return ExitCode.FAILURE
    remove(removal)
    if parsed.json:
        told = {"model": parsed.model, "removed": removal.names, "freed_bytes": removal.freed_bytes}
        print(json.dumps({**told, "kept_bytes": removal.kept_bytes}, indent=2))
    else:
        kept = f"; {format_bytes(removal.kept_bytes)} stay, other snapshots use them" if removal.kept_bytes else ""
        print(f"Deleted {parsed.model}: {format_bytes(removal.freed_bytes)} freed{kept}.")
    return ExitCode.OK


def _refuse_running(removal: Removal, name: str, paths: Paths) -> None:
    """Raises ModelsError when what is served would go: its file is mapped into memory."""
    status = read_status(paths, Choices())
    served = (text(member(status.get("settings"), "model")), text(status.get("model")))
    if status.get("state") not in ("stopped", "failed") and any(map(removal.holds, served)):
        raise ModelsError(
            f"{name} is being served. Stop it first (`traypoint stop`), or serve another (`traypoint use`)."
        )


def _confirm(removal: Removal, name: str) -> bool:
    """Ask on the terminal. Raises OptionError where there is none."""
    if not sys.stdin.isatty():
        raise OptionError(f"deleting {name} needs a yes: add --yes where nobody can be asked")
    for each in removal.names:
        print(f"  {each}", file=sys.stderr)
    print(f"Delete {name}, {format_bytes(removal.freed_bytes)}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def add_rm_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and whether to ask."""
    parser.add_argument("model", metavar="MODEL", help="a name, a path, or OWNER/NAME[:FILE|QUANT]")
    parser.add_argument("-y", "--yes", action="store_true", help="don't ask")
    add_json_flag(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_rm_arguments, rm)
