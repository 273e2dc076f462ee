"""The grammar of `traypoint connect`."""

from __future__ import annotations

import argparse

from endpoint.contract import APP_NAME, DEFAULT_HOST, DEFAULT_PORT
from tray.cli.parser import OneLineParser, read_flag
from tray.options import RANGES, check_text

DESCRIPTION = """\
Point a program at the running endpoint, by changing the program's own settings file: only what is needed, and so that
--undo takes it out again. The file as it was is kept beside it, under a name ending in .before-traypoint.
"""

EPILOG = """\
examples:
  traypoint connect --list                what there is to connect
  traypoint connect claude-code           write ~/.claude/settings.json; then start: claude
  traypoint connect codex --print         only show what would be written there
  traypoint connect codex --undo          take it out again
  traypoint connect curl                  nothing to write: shows a command to paste

The model and its context are asked of the endpoint where one answers, else they are what the flags, the environment and
the settings file say. Where a program lets a variable name its folder (CODEX_HOME, CLAUDE_CONFIG_DIR, OPENCODE_CONFIG,
XDG_CONFIG_HOME…), that is where the file is looked for.

exit codes:
  0 done, or nothing to do · 1 the settings file was left as it is, and why · 2 a flag or a name makes no sense
"""


def build_connect_parser() -> argparse.ArgumentParser:
    """`traypoint connect` without its verb."""
    parser = OneLineParser(
        prog=f"{APP_NAME} connect",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("client", nargs="?", metavar="CLIENT", help="a name from --list")
    deed = parser.add_mutually_exclusive_group()
    deed.add_argument("--print", dest="prints", action="store_true", help="write nothing, show the set-up")
    deed.add_argument("--undo", action="store_true", help="take out what was written")
    deed.add_argument("--list", dest="lists", action="store_true", help="all clients, and where their settings are")
    parser.add_argument("--json", action="store_true", help="tell it as JSON")
    group = parser.add_argument_group("the endpoint")
    text, port, tokens = read_flag(check_text), read_flag(RANGES["port"].read), read_flag(RANGES["ctx_size"].read)
    group.add_argument("--model", metavar="MODEL", type=text, help="its name in requests (asked of the endpoint)")
    group.add_argument("--host", metavar="ADDRESS", type=text, help=f"where it listens ({DEFAULT_HOST})")
    group.add_argument("--port", metavar="PORT", type=port, help=f"its port ({DEFAULT_PORT})")
    group.add_argument("--ctx-size", metavar="TOKENS", type=tokens, help="context length (asked of the endpoint)")
    group.add_argument("--api-key", metavar="KEY", type=text, help="where it asks for one")
    return parser
