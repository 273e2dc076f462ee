"""The words and flags of `traypoint connect`."""

from __future__ import annotations

import argparse

from tray.cli.flags import add_address_flags, add_json_flag, reader
from tray.values import Range, check_text

DESCRIPTION = """\
Point a program at the running endpoint, by changing the program's own settings file: only what is needed, and so that
--undo takes it out again. The file as it was is kept beside it, under a name ending in .before-traypoint.

The model and its context are asked of the endpoint where one answers, else they are what the flags, the environment and
the settings file say. Where a program lets a variable name its folder (CODEX_HOME, CLAUDE_CONFIG_DIR, OPENCODE_CONFIG,
XDG_CONFIG_HOME…), that is where the file is looked for."""
EXAMPLES = """\
  traypoint connect --list                what there is to connect
  traypoint connect claude-code           write ~/.claude/settings.json; then start: claude
  traypoint connect codex --print         only show what would be written there
  traypoint connect codex --undo          take it out again
  traypoint connect curl                  nothing to write: shows a command to paste
"""


def add_connect_arguments(parser: argparse.ArgumentParser) -> None:
    """Which client, what to do, and what it is told."""
    parser.add_argument("client", nargs="?", metavar="CLIENT", help="a name from --list")
    deed = parser.add_mutually_exclusive_group()
    deed.add_argument("--print", dest="prints", action="store_true", help="write nothing, show the set-up")
    deed.add_argument("--undo", action="store_true", help="take out what was written")
    deed.add_argument("--list", dest="lists", action="store_true", help="all clients, and where their settings are")
    add_json_flag(parser)
    add_address_flags(parser)
    group = parser.add_argument_group("what it is told of the model")
    text, tokens = reader(check_text), reader(Range(1, None).read)
    group.add_argument("--model", metavar="MODEL", type=text, help="its name in requests (asked of the endpoint)")
    group.add_argument("--ctx-size", metavar="TOKENS", type=tokens, help="context length (asked of the endpoint)")
