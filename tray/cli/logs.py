"""`traypoint logs`: the endpoint's log, its end or as it grows."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from endpoint.contract import ExitCode
from tray.cli.flags import reader
from tray.cli.verb import Verb
from tray.errors import TrayError
from tray.logreader import follow, read_tail
from tray.paths import find_paths
from tray.values import Range

DESCRIPTION = "Show the end of the endpoint's log, across the files that it is kept in."
EXAMPLES = """\
  traypoint logs                  the last 50 lines
  traypoint logs -f               and what is added, until Ctrl-C
  traypoint logs -n 1000 | grep error
  less "$(traypoint logs --path)"
"""
LINES = 50
POLL_S = 0.25


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """How much of the log."""
    read_count = reader(Range(0, None).read)
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is added, until Ctrl-C")
    parser.add_argument(
        "-n", "--lines", metavar="LINES", type=read_count, default=LINES, help=f"how many lines ({LINES})"
    )
    parser.add_argument("--path", action="store_true", help="print where the newest file is, and nothing else")


def show_logs(parsed: argparse.Namespace) -> int:
    """Print what is asked for. Raises TrayError when the log can't be read."""
    path = find_paths().endpoint_log
    if parsed.path:
        print(path)
        return ExitCode.OK
    try:
        print_log(path, parsed.lines, _pause if parsed.follow else None, sys.stdout.buffer)
    except KeyboardInterrupt:
        return ExitCode.OK  # the way to end it
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TrayError(f"{path}: can't be read: {error.strerror or error}") from error
    return ExitCode.OK


def print_log(path: Path, lines: int, wait: Callable[[], bool] | None, out: BinaryIO) -> None:
    """Write the last lines to `out`, and with `wait` what comes, until that says False. Raises OSError."""
    text, bookmark = read_tail(path, lines)
    if bookmark is None:
        going_on = "; waiting for it" if wait else ""
        print(f"traypoint: nothing has been logged yet ({path}){going_on}", file=sys.stderr)
    _write(out, text)
    if wait is not None:
        for data in follow(path, bookmark, wait):
            _write(out, data)


def _write(out: BinaryIO, data: bytes) -> None:
    out.write(data)
    out.flush()


def _pause() -> bool:
    time.sleep(POLL_S)
    return True


VERB = Verb(DESCRIPTION, EXAMPLES, add_log_arguments, show_logs)
