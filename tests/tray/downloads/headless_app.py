"""The app without an icon and without an endpoint, as a program: does what is typed, and prints its downloads.

A line of input is a deed and what for (`start OWNER/NAME`), as a click in the menu is; its end ends the app.
"""

from __future__ import annotations

import json
import sys

from tray.app import Plan, Runner
from tray.downloads.wishes import Deed, Fetch
from tray.downloads.words import describe_for_programs
from tray.options import Places
from tray.paths import find_paths
from tray.preferences import Preferences
from tray.state import AppState


class Printer:
    """A View that writes the downloads as a line of JSON for each change."""

    def __init__(self) -> None:
        self._out = sys.stdout

    def show(self, state: AppState) -> None:
        print(json.dumps([describe_for_programs(each) for each in state.downloads]), file=self._out, flush=True)

    def close(self) -> None:
        """Each line is complete."""


def main() -> int:
    """Run it; returns the app's exit code."""
    plan = Plan(Places(), Preferences(), find_paths(), starts=False, is_first=True)
    runner = Runner(plan, is_headless=True)
    runner.start([Printer()])
    for line in sys.stdin:
        deed, _, wanted = line.strip().partition(" ")
        runner.controller.post(Fetch(Deed(deed), wanted))
    runner.end()
    return runner.wait()


if __name__ == "__main__":
    sys.exit(main())
