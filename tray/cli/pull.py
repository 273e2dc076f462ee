"""`traypoint pull`: download a model into Hugging Face's cache. A bar on a terminal, lines of JSON for programs.

The child does the work; here is only shown what it tells. The model's place goes to standard output, all else to
standard error, so that `traypoint --model "$(traypoint pull …)"` works.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import time
from collections.abc import Mapping
from typing import Protocol

from endpoint.contract import ExitCode
from endpoint.hub_contract import FailureCode, HubEvent, Wish
from tray.cli.flags import add_json_flag
from tray.cli.progress import LineView, TerminalBar
from tray.cli.verb import Verb
from tray.downloads.download import ACTIVE, Download, DownloadState, Tracked, follow, track
from tray.downloads.hub_child import HubChild, explain_no_start
from tray.downloads.words import describe_for_programs
from tray.spawn import hub_command

DESCRIPTION = """\
Download a model from the Hugging Face hub, into the cache that other programs use too.

OWNER/NAME:QUANT takes that quantisation of a GGUF repository with all its parts, OWNER/NAME:FILE that file, and
OWNER/NAME the usual quantisation (Q4_K_M), or a whole MLX repository. Ctrl-C pauses; the same command goes on where it
was. What has come is verified. A token for gated models is taken from HF_TOKEN, `hf auth login` or the keyring."""
EXAMPLES = """\
  traypoint pull unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M
  traypoint pull mlx-community/Qwen3-4B-4bit       for MLX
  traypoint pull OWNER/NAME --json                 a line of JSON for each step
  traypoint search                                 models that suit this machine
"""
_LOOK_S = 1.0
"""Windows hears Ctrl-C only between two waits."""
PAUSED = 130
"""What a shell expects of a program that Ctrl-C ended."""
EXIT_CODES: Mapping[str, ExitCode] = {
    FailureCode.BAD_NAME: ExitCode.USAGE,
    FailureCode.AMBIGUOUS: ExitCode.USAGE,
    FailureCode.NOT_FOUND: ExitCode.MODEL,
    FailureCode.NO_FILE: ExitCode.MODEL,
    FailureCode.GATED: ExitCode.MODEL,
    FailureCode.UNAUTHORISED: ExitCode.MODEL,
}
"""Other failures exit with 1: trying again may help."""


class View(Protocol):
    """Shows a download while it goes on."""

    def show(self, download: Download) -> None:
        """Show how it is now."""

    def close(self) -> None:
        """Leave the terminal as it should be."""


class JsonLines:
    """A line of JSON on standard output for each change."""

    def show(self, download: Download) -> None:
        print(json.dumps(describe_for_programs(download)), flush=True)

    def close(self) -> None:
        """Each line is complete."""


def pull(parsed: argparse.Namespace) -> int:
    """Download it, and print where it is. Returns the exit code."""
    view = _make_view(as_json=parsed.json)
    try:
        download = run_pull(parsed.model, view)
    finally:
        view.close()
    if download.state is DownloadState.DONE and download.ref:
        if not parsed.json:
            print(download.ref.model)
        return ExitCode.OK
    if download.state is DownloadState.FAILED:
        _say(f"error: {download.problem}")
        return EXIT_CODES.get(download.code, ExitCode.FAILURE)
    _say(f"paused, and what has come is kept; to go on: traypoint pull {download.wanted}")
    return PAUSED


def run_pull(wanted: str, view: View) -> Download:
    """Have the child do it, show how it goes, and return how it ended. Ctrl-C pauses it."""
    events: queue.SimpleQueue[HubEvent] = queue.SimpleQueue()
    tracked = track(wanted)
    try:
        child = HubChild(hub_command(("pull", "--", wanted)), events.put)
    except OSError as error:
        return follow(tracked, explain_no_start(error), time.monotonic()).shown
    while True:
        try:
            tracked = _take(tracked, events, view)
            if tracked.shown.state not in ACTIVE:
                return tracked.shown
        except KeyboardInterrupt:
            child.wish(Wish.PAUSE)
        except BrokenPipeError:
            child.wish(Wish.PAUSE)
            child.wait()
            raise


def _take(tracked: Tracked, events: queue.SimpleQueue[HubEvent], view: View) -> Tracked:
    """Wait for the next event and show what it changes."""
    try:
        event = events.get(timeout=_LOOK_S)
    except queue.Empty:
        return tracked
    after = follow(tracked, event, time.monotonic())
    if after.shown != tracked.shown:
        view.show(after.shown)
    return after


def _make_view(*, as_json: bool) -> View:
    if as_json:
        return JsonLines()
    return TerminalBar(sys.stderr) if sys.stderr.isatty() else LineView(sys.stderr)


def _say(line: str) -> None:
    print(f"traypoint: {line}", file=sys.stderr)


def add_pull_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and how to tell of it."""
    parser.add_argument("model", metavar="OWNER/NAME[:FILE|QUANT]", help="what to download")
    add_json_flag(parser, "a line of JSON on standard output for each change, the last one with the outcome")


VERB = Verb(DESCRIPTION, EXAMPLES, add_pull_arguments, pull)
