"""How the children (the endpoint, the one that talks to the hub) are started and, when asking didn't help, ended.

POSIX and Windows.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.contract import Env
from tray.console import hide_console, leave_group
from tray.keys import ENDPOINT, KEYS
from tray.options import Options

BUNDLE_ROLE = "endpoint-role"
"""First argument with which a frozen bundle's binary becomes the endpoint instead of the tray."""

HUB_ROLE = "hub-role"
"""The same for the child that talks to the hub."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start: its arguments and its whole environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


def endpoint_command(options: Options, env: Mapping[str, str] = os.environ) -> Command:
    """The managed endpoint for these options. The API key goes by environment: arguments are seen by everyone."""
    argv = [
        *_interpreter("endpoint", BUNDLE_ROLE),
        "--managed",
        f"--provider={options.ref.provider}",
        f"--model={options.ref.model}",
    ]
    told = (key for key in KEYS if key.section == ENDPOINT and key.name not in ("provider", "model"))
    argv += [f"{key.flag}={value}" for key in told if (value := getattr(options, key.name)) is not None]
    argv += ["--force"] if options.force else []
    key = {Env.API_KEY.value: options.api_key} if options.api_key else {}
    # Without PYTHONUNBUFFERED a crash in C code would take the last words with it.
    return Command(tuple(argv), {**env, **key, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"})


def hub_command(words: Sequence[str], env: Mapping[str, str] = os.environ) -> Command:
    """The child that talks to the hub, with these words (endpoint/hub). The token goes by environment, as it came."""
    argv = (*_interpreter("endpoint.hub", HUB_ROLE), *words)
    return Command(argv, {**env, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"})


def _interpreter(module: str, role: str) -> list[str]:
    """A frozen bundle has no `-m`: it enters its own binary again. `-P`: a folder we are started in is no package."""
    if getattr(sys, "frozen", False):
        return [sys.executable, role]
    return [sys.executable, "-P", "-m", module]


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start it with pipes on all three streams, in its own process group. Raises OSError.

    Its standard input is how it learns that we are gone, so no other child may inherit our end (close_fds).
    """
    return subprocess.Popen(
        command.argv,
        env=dict(command.env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        close_fds=True,
        start_new_session=os.name != "nt",
        creationflags=leave_group(),
    )


def terminate_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the process and its children by signal. Windows has no such signal: this ends the process."""
    if sys.platform == "win32":
        process.terminate()
    else:
        _signal_group(process, signal.SIGTERM)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children at once."""
    if sys.platform == "win32":
        ask = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(ask, capture_output=True, check=False, creationflags=hide_console())
    else:
        _signal_group(process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None and sys.platform != "win32":
        # The child leads its own session, so its id is the group's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
