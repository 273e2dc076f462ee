"""`traypoint run`: build the objects, then give the main thread to the icon, or wait on it without one.

The main thread owns signals and the toolkit; the controller has a thread of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from endpoint.contract import Env, ExitCode
from tray.app import Plan, Runner
from tray.cli.flags import add_force_flag, add_serving_flags, read_choices
from tray.cli.naming import FILES, settle
from tray.cli.verb import Verb
from tray.control.client import ask, find_running
from tray.control.instance import Instance, InstanceLock
from tray.control.wire import Verb as Wish
from tray.controller import View
from tray.errors import ControlError, OptionError
from tray.notifier import Notifier
from tray.opener import open_url
from tray.options import Choices, Places, read_environment
from tray.page_view import PageView
from tray.paths import Paths, find_paths
from tray.preferences import Preferences
from tray.reading import member
from tray.screen import NoTray, find_backend
from tray.settings import list_changes, load_settings, look_at_settings, save_settings
from tray.shell import TrayShell, load_toolkit
from tray.signals import SignalWatch

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


FIRST_S = 8.0
"""How long an app may take to answer that is starting, or to go that is ending."""
POLL_S = 0.05


def run(parsed: argparse.Namespace) -> int:
    """Serve until asked to end; returns the exit code. Raises OptionError, SettingsError, ControlError."""
    if parsed.no_tray and parsed.no_start:
        raise OptionError("--no-start needs the icon: without one nothing could start it")
    if parsed.force:  # no setting, so that nothing remembers it: every endpoint of this run inherits it
        os.environ[Env.FORCE] = "1"
    paths = find_paths()
    lock = InstanceLock(paths.instance_lock)
    first = find_first(lock, paths)
    try:
        places, preferences = choose_places(parsed, os.environ, paths, is_first=first is None)
        if first is not None and not (parsed.no_tray and _is_elsewhere(first, places)):
            return _show_first(first)
        starts = parsed.no_tray or (preferences.start_on_launch and not parsed.no_start)
        plan = Plan(places, preferences, paths, starts, is_first=first is None)
        return run_headless(plan) if parsed.no_tray else run_with_tray(plan)
    finally:
        lock.release()


def find_first(lock: InstanceLock, paths: Paths, patience_s: float = FIRST_S) -> Instance | None:
    """The app that runs already; None: there is none, and `lock` is ours. One that is starting or ending just now is
    waited for. Raises ControlError.
    """
    deadline = time.monotonic() + patience_s
    while not _acquire(lock):
        instance = find_running(paths.instance_file)
        if instance is not None:
            return instance
        if time.monotonic() > deadline:
            raise ControlError("Traypoint runs already, but doesn't answer. `traypoint doctor` says more")
        time.sleep(POLL_S)
    return None


def choose_places(
    parsed: argparse.Namespace, env: Mapping[str, str], paths: Paths, *, is_first: bool
) -> tuple[Places, Preferences]:
    """What to run, from all four places; with --save the flags go to the settings file. Beside another app a broken
    file is left where it is: that one watches it.
    """
    flags = settle_files(read_choices(parsed))
    path = paths.settings_file
    settings = load_settings(path, date.today()) if is_first else look_at_settings(path)
    for note in settings.notes:
        say(note)
    places = settings.under(flags, read_environment(env))
    if parsed.save:
        save_settings(path, list_changes(flags, places.model))
        say(f"saved to {path}")
    return places, settings.preferences


def settle_files(flags: Choices) -> Choices:
    """Models have their settings under the whole path."""
    found = {name: settle(value) for name in FILES if (value := getattr(flags, name))}
    return replace(flags, **found)  # type: ignore[arg-type]  # texts, as they were


def run_headless(plan: Plan, *more: View) -> int:
    """No icon: the main thread waits for the end."""
    runner = Runner(plan, is_headless=True)
    signals = SignalWatch(runner.end)
    signals.arm()
    runner.start(more)
    try:
        return runner.wait()
    finally:
        signals.close()


def run_with_tray(plan: Plan) -> int:
    """With an icon where the desktop can show one; else one line saying why not, and on without."""
    backend = find_backend()
    if isinstance(backend, NoTray):
        return _go_headless(plan, backend.reason)
    pystray = load_toolkit(backend)
    if isinstance(pystray, NoTray):
        return _go_headless(plan, pystray.reason)
    runner = Runner(plan, is_headless=False)
    signals = SignalWatch(runner.end)
    signals.arm()
    try:
        shell = TrayShell(pystray, backend, runner.controller.post, runner.first)
        shell.run(lambda: runner.start([shell, Notifier(shell.notify)]), signals.rearm)
    except Exception as error:
        signals.close()
        return _go_headless(plan, f"the icon can't be shown ({error})")
    runner.end()  # the toolkit may have ended by itself
    try:
        return runner.wait()
    finally:
        signals.close()


def _go_headless(plan: Plan, reason: str) -> int:
    say(f"no tray icon: {reason}; going on without one.")
    started_by_click = _has_screen(os.environ) and not sys.stderr.isatty()
    views = [PageView(open_url, say)] if started_by_click else []
    return run_headless(replace(plan, starts=True), *views)


def _has_screen(env: Mapping[str, str]) -> bool:
    return sys.platform != "linux" or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def _acquire(lock: InstanceLock) -> bool:
    try:
        return lock.acquire()
    except OSError as error:
        raise ControlError(f"can't tell whether Traypoint runs already: {error}") from error


def _is_elsewhere(first: Instance, places: Places) -> bool:
    """Whether the app that runs serves another port: a second endpoint beside it, without an icon, is fine."""
    return member(ask(first, Wish.STATUS), "port") != places.options.port


def _show_first(instance: Instance) -> int:
    """This user's app is here already: say so, and have it show itself. Raises ControlError when it doesn't answer."""
    status = ask(instance, Wish.SHOW)
    lines = member(status, "lines")
    told = f": {lines[0]}" if isinstance(lines, Sequence) and lines else ""
    say(f"already running (pid {instance.pid}){told}")
    say("`traypoint use MODEL` changes the model, `traypoint --no-tray --port PORT` serves a second one beside it.")
    return ExitCode.OK


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"traypoint: {line}", file=sys.stderr, flush=True)


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """How to run, and what to serve."""
    parser.add_argument("--no-tray", action="store_true", help="no icon: run in this terminal until Ctrl-C")
    parser.add_argument("--no-start", action="store_true", help="show the icon, but wait for a click on Start")
    told = "also write the flags given here to the settings file; how the model is run is written for it alone"
    parser.add_argument("--save", action="store_true", help=told)
    add_force_flag(parser)
    add_serving_flags(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_run_flags, run)
