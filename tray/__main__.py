"""`traypoint`: finds the verb, does it, turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from endpoint.contract import ExitCode
from tray.cli.parser import parse_words
from tray.cli.verbs import load_verb
from tray.errors import TrayError

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended: 128 and the signal's number."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Raises SystemExit for usage errors, --help and --version."""
    parsed = parse_words(sys.argv[1:] if argv is None else argv)
    try:
        code = load_verb(parsed.verb).perform(parsed)
        sys.stdout.flush()  # here, where a closed pipe is expected
    except TrayError as error:
        print(f"traypoint: error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        _drop_output()
        return ExitCode.OK
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _drop_output() -> None:
    """Whoever read our output has gone (`| head`): what is still buffered goes nowhere, without a word at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
