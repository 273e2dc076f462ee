"""The app put together: the controller on a thread of its own, its performer, its views, and its way to an exit code.

The main thread is left to the icon's toolkit, or waits. Invariant: `start` is called once, from any thread.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.contract import ExitCode
from tray.actions import Noticed, UserAction
from tray.control.server import ControlServer
from tray.controller import Controller, View
from tray.errors import SettingsError
from tray.lifecycle import make_lifecycle
from tray.options import Places
from tray.paths import Paths
from tray.performer import RealPerformer
from tray.preferences import Preferences
from tray.terminal import TerminalView


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. `starts`: without waiting for a click. `is_first`: no other app of this user runs, so the
    command line speaks to this one.
    """

    places: Places
    preferences: Preferences
    paths: Paths
    starts: bool
    is_first: bool


class Runner:
    """One run of the app."""

    def __init__(self, plan: Plan, *, is_headless: bool) -> None:
        self._plan = plan
        life = make_lifecycle(plan.places, plan.preferences, is_headless=is_headless)
        self.first = life.app
        self.controller = Controller(life)
        self._code: int = ExitCode.FAILURE  # stays so when the thread dies of a bug
        self._thread = threading.Thread(target=self._run, name="controller")
        self._views: list[View] = []

    def start(self, views: Sequence[View]) -> None:
        """Begin: the terminal is always a view, so that a tray started from one says what it does."""
        paths = self._plan.paths
        self._views = [*views, TerminalView(sys.stdout, sys.stderr, paths.endpoint_log)]
        if self._plan.is_first:
            self._open_channel()
        if self._plan.starts:
            self.controller.post(UserAction.START)
        self.controller.post(UserAction.LOOK_FOR_MODELS)
        self._thread.start()

    def end(self) -> None:
        """Ask for the end of all; from any thread, signal handlers included."""
        self.controller.post(UserAction.END)

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        # With a timeout, so that the interpreter on Windows gets to see Ctrl+C.
        while self._thread.is_alive():
            self._thread.join(timeout=0.5)
        return self._code

    def _open_channel(self) -> None:
        """An app that the command line can't reach, on a full disk say, is better than none."""
        control = ControlServer(self._plan.paths.instance_file, self.controller.post)
        try:
            control.start()
        except (OSError, SettingsError) as error:
            self.controller.post(Noticed(f"The command line can't reach this app: {error}"))
        else:
            self._views.append(control)

    def _run(self) -> None:
        plan = self._plan
        # Files are the first app's: a second one beside it, on a port of its own, keeps to what it was told.
        performer = RealPerformer(plan.paths, plan.places.options.api_key, self.controller.post, is_first=plan.is_first)
        self._code = self.controller.run(performer, self._views)
