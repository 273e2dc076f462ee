"""Other Traypoints of the same user: two would want the same port and write the same files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from tray.cli.verbs import DEFAULT_VERB, VERBS
from tray.doctor.finding import Circumstances, Finding, Status

NAME = "instances"


def check_instances(_: Circumstances) -> Sequence[Finding]:
    """The apps that run now, by their process ids."""
    return [describe_apps([pid for pid, words in list_processes() if is_app(words)])]


def describe_apps(pids: Sequence[int]) -> Finding:
    """None and one are fine."""
    told = ", ".join(f"pid {pid}" for pid in pids)
    if len(pids) > 1:
        return Finding(
            NAME,
            Status.WARN,
            f"Traypoint runs {len(pids)} times: {told}",
            "Quit all but one, or see that each has a port of its own.",
        )
    return Finding(NAME, Status.OK, f"Traypoint runs ({told})" if pids else "Traypoint isn't running")


def is_app(words: Sequence[str]) -> bool:
    """Whether a process with this command line is the app: the command or the module, and no other verb than run."""
    rest = list(words)
    if rest and PurePath(rest[0]).stem.startswith("python"):
        del rest[0]
        while rest and rest[0].startswith("-") and rest[0] != "-m":
            del rest[0]
        if rest[:2] == ["-m", "tray"]:
            return _runs(rest[2:])
    return bool(rest) and PurePath(rest[0]).stem == "traypoint" and _runs(rest[1:])


def list_processes() -> Iterable[tuple[int, Sequence[str]]]:
    """The user's other processes, with their command lines."""
    import psutil  # only here

    me = psutil.Process()
    mine = {me.pid, *(parent.pid for parent in me.parents())}
    user = me.username()
    for process in psutil.process_iter(["pid", "cmdline", "username"]):
        info = process.info
        if info["pid"] not in mine and info["username"] == user and info["cmdline"]:
            yield info["pid"], info["cmdline"]


def _runs(words: Sequence[str]) -> bool:
    return not words or words[0] == DEFAULT_VERB or words[0] not in VERBS
