"""`traypoint run`: build the objects, then give the main thread to the icon, or wait on it without one.

The main thread owns signals and the toolkit; the controller has a thread of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from endpoint.contract import ExitCode
from tray.actions import UserAction
from tray.cli.flags import add_serving_flags, read_choices
from tray.cli.verb import Verb
from tray.controller import Controller, View
from tray.errors import OptionError
from tray.lifecycle import Lifecycle
from tray.logfile import RotatingLog
from tray.options import Options, merge, read_environment
from tray.paths import Paths, find_paths
from tray.performer import RealPerformer
from tray.screen import NoTray, find_backend
from tray.settings import list_changes, load_settings, save_settings
from tray.shell import TrayShell, load_toolkit
from tray.signals import SignalWatch
from tray.state import AppState
from tray.terminal import TerminalView

DESCRIPTION = """\
Run the endpoint, with an icon where there is a desktop, else in this terminal until Ctrl-C.

A setting comes from the first of: flag, environment (TRAYPOINT_MODEL, …), settings file, default."""
EXAMPLES = """\
  traypoint                                   the icon, and the starter model
  traypoint --model ~/models/qwen.gguf        another model
  traypoint --provider mlx --model mlx-community/Qwen3-4B-4bit
                                              a downloaded MLX model (Apple silicon)
  traypoint --no-tray --port 8002             no icon, another port
  traypoint --model ~/m.gguf --save           keep these flags in the settings file, too
"""


@dataclass(frozen=True, slots=True)
class App:
    """What both ways of running need."""

    options: Options
    paths: Paths
    starts: bool  # without waiting for a click


def run(parsed: argparse.Namespace) -> int:
    """Serve until asked to end; returns the exit code. Raises OptionError, SettingsError."""
    if parsed.no_tray and parsed.no_start:
        raise OptionError("--no-start needs the icon: without one nothing could start it")
    paths = find_paths()
    app = App(choose_options(parsed, os.environ, paths), paths, starts=not parsed.no_start)
    if parsed.no_tray:
        return run_headless(app)
    return run_with_tray(app)


def choose_options(parsed: argparse.Namespace, env: Mapping[str, str], paths: Paths) -> Options:
    """What to run, from all four places; with --save the flags go to the settings file."""
    flags = read_choices(parsed)
    settings = load_settings(paths.settings_file, date.today())
    for note in settings.notes:
        say(note)
    options = merge(flags, read_environment(env), settings.choices)
    if parsed.save:
        save_settings(paths.settings_file, list_changes(flags))
        say(f"saved to {paths.settings_file}")
    return options


def run_headless(app: App) -> int:
    """No icon: the main thread waits for the end."""
    runner = Runner(app, ends_on_failure=True)
    signals = SignalWatch(lambda: runner.controller.post(UserAction.QUIT))
    signals.arm()
    runner.start([])
    try:
        return runner.wait()
    finally:
        signals.close()


def run_with_tray(app: App) -> int:
    """With an icon where the desktop can show one; else one line saying why not, and on without."""
    backend = find_backend()
    if isinstance(backend, NoTray):
        return _go_headless(app, backend.reason)
    pystray = load_toolkit(backend)
    if isinstance(pystray, NoTray):
        return _go_headless(app, pystray.reason)
    runner = Runner(app, ends_on_failure=False)
    signals = SignalWatch(lambda: runner.controller.post(UserAction.QUIT))
    signals.arm()
    try:
        shell = TrayShell(pystray, backend, runner.controller.post, runner.first)
        shell.run(lambda: runner.start([shell]), signals.rearm)
    except Exception as error:
        signals.close()
        return _go_headless(app, f"the icon can't be shown ({error})")
    runner.controller.post(UserAction.QUIT)  # the toolkit may have ended by itself
    try:
        return runner.wait()
    finally:
        signals.close()


class Runner:
    """The controller on its own thread, and its way to an exit code."""

    def __init__(self, app: App, *, ends_on_failure: bool) -> None:
        self._app = app
        self.first = AppState(ref=app.options.ref, host=app.options.host, port=app.options.port)
        self.controller = Controller(Lifecycle(app=self.first, ends_on_failure=ends_on_failure))
        self._code: int = ExitCode.FAILURE  # stays so when the thread dies of a bug
        self._thread = threading.Thread(target=self._run, name="controller")
        self._views: list[View] = []

    def start(self, views: Sequence[View]) -> None:
        """Begin: the terminal is always a view, so that a tray started from one says what it does."""
        log_path = self._app.paths.endpoint_log
        self._views = [*views, TerminalView(sys.stdout, sys.stderr, log_path)]
        if self._app.starts:
            self.controller.post(UserAction.START)
        self._thread.start()

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        # With a timeout, so that the interpreter on Windows gets to see Ctrl+C.
        while self._thread.is_alive():
            self._thread.join(timeout=0.5)
        return self._code

    def _run(self) -> None:
        log = RotatingLog(self._app.paths.endpoint_log)
        performer = RealPerformer(self._app.options, log, self.controller.post)
        self._code = self.controller.run(performer, self._views)


def _go_headless(app: App, reason: str) -> int:
    say(f"no tray icon: {reason}; going on without one.")
    return run_headless(App(app.options, app.paths, starts=True))


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"traypoint: {line}", file=sys.stderr, flush=True)


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """How to run, and what to serve."""
    parser.add_argument("--no-tray", action="store_true", help="no icon: run in this terminal until Ctrl-C")
    parser.add_argument("--no-start", action="store_true", help="show the icon, but wait for a click on Start")
    parser.add_argument("--save", action="store_true", help="also write the flags given here to the settings file")
    add_serving_flags(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_run_flags, run)
