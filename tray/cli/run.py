"""`traypoint run`: build the objects, then give the main thread to the icon, or wait on it without one.

The main thread owns signals and the toolkit; the controller has a thread of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from endpoint.contract import Env, ExitCode
from tray.app import Plan, Runner
from tray.cli.flags import add_serving_flags, read_choices
from tray.cli.verb import Verb
from tray.control.client import ask
from tray.control.instance import InstanceLock, read_instance
from tray.control.wire import Verb as Wish
from tray.controller import View
from tray.errors import ControlError, OptionError
from tray.notifier import Notifier
from tray.opener import open_url
from tray.options import Places, first_of, read_environment
from tray.page_view import PageView
from tray.paths import Paths, find_paths
from tray.preferences import Preferences
from tray.reading import member
from tray.screen import NoTray, find_backend
from tray.settings import list_changes, load_settings, save_settings
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


def run(parsed: argparse.Namespace) -> int:
    """Serve until asked to end; returns the exit code. Raises OptionError, SettingsError, ControlError."""
    if parsed.no_tray and parsed.no_start:
        raise OptionError("--no-start needs the icon: without one nothing could start it")
    if parsed.force:  # no setting, so that nothing remembers it: every endpoint of this run inherits it
        os.environ[Env.FORCE] = "1"
    paths = find_paths()
    places, preferences = choose_places(parsed, os.environ, paths)
    lock = InstanceLock(paths.instance_lock)
    is_first = _acquire(lock)
    if not is_first and not (parsed.no_tray and _is_elsewhere(paths, places)):
        return _show_first(paths)
    starts = parsed.no_tray or (preferences.start_on_launch and not parsed.no_start)
    plan = Plan(places, preferences, paths, starts, is_first)
    try:
        return run_headless(plan) if parsed.no_tray else run_with_tray(plan)
    finally:
        lock.release()


def choose_places(parsed: argparse.Namespace, env: Mapping[str, str], paths: Paths) -> tuple[Places, Preferences]:
    """What to run, from all four places; with --save the flags go to the settings file."""
    flags = read_choices(parsed)
    settings = load_settings(paths.settings_file, date.today())
    for note in settings.notes:
        say(note)
    if parsed.save:
        save_settings(paths.settings_file, list_changes(flags))
        say(f"saved to {paths.settings_file}")
    launch = first_of(flags, read_environment(env))
    return Places(launch, settings.choices), settings.preferences


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


def _is_elsewhere(paths: Paths, places: Places) -> bool:
    """Whether the app that runs serves another port: a second endpoint beside it, without an icon, is fine."""
    instance = read_instance(paths.instance_file)
    if instance is None:
        return True
    try:
        return member(ask(instance, Wish.STATUS), "port") != places.options.port
    except ControlError:
        return True


def _show_first(paths: Paths) -> int:
    """This user's app is here already: say so, and have it show itself. Raises ControlError when it doesn't answer."""
    instance = read_instance(paths.instance_file)
    if instance is None:
        raise ControlError("Traypoint is starting or ending already; try again in a moment")
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
    parser.add_argument("--save", action="store_true", help="also write the flags given here to the settings file")
    parser.add_argument("--force", action="store_true", help="load models even where memory is too short for them")
    add_serving_flags(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_run_flags, run)
