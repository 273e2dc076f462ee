"""`traypoint`: finds the verb, runs it, turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from tray.cli.cache import show_cache
from tray.cli.connect import connect
from tray.cli.run import run
from tray.errors import TrayError

VERBS: Mapping[str, Callable[[Sequence[str]], int]] = {"run": run, "cache": show_cache, "connect": connect}
"""`run` is also what no verb at all means."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Raises SystemExit for usage errors, --help and --version."""
    words = list(sys.argv[1:] if argv is None else argv)
    verb = VERBS[words.pop(0)] if words and words[0] in VERBS else run
    try:
        return verb(words)
    except TrayError as error:
        print(f"traypoint: error: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
