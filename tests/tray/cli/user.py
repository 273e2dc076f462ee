"""A user at a terminal: `traypoint …` as processes, all files under one folder, nothing left at the end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tray.control.instance import Instance, read_instance
from tray.paths import Paths, find_paths

PATIENCE_S = 60.0
FOLDER = "TRAYPOINT_CONFIG_DIR"
FAKE = ("--provider", "fake", "--model", "echo")
T = TypeVar("T")


class User:
    """Types verbs. `env` is what the shell has set."""

    def __init__(self, folder: Path) -> None:
        ours = ("TRAYPOINT_", "ABSTRACT")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
            self.env.pop(screen, None)
        self.env[FOLDER] = str(folder)
        self.paths: Paths = find_paths(self.env)
        self._open: list[subprocess.Popen[str]] = []

    def open(self, *words: str, cwd: Path | None = None, **more: str) -> subprocess.Popen[str]:
        """`traypoint WORDS`, which goes on."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tray", *words],
            env={**self.env, **more},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._open.append(process)
        return process

    def type(self, *words: str, cwd: Path | None = None, **more: str) -> tuple[int, str, str]:
        """`traypoint WORDS` to its end: exit code, stdout, stderr."""
        process = self.open(*words, cwd=cwd, **more)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def start(self, *words: str) -> dict[str, Any]:
        """`traypoint start` of the fake provider on any port; the status once it is ready."""
        code, out, err = self.type("start", *FAKE, "--port", "0", "--json", *words)
        assert code == 0, err
        status: dict[str, Any] = json.loads(out)
        return status

    def status(self) -> dict[str, Any]:
        """`traypoint status --json`."""
        status: dict[str, Any] = json.loads(self.type("status", "--json")[1])
        return status

    def wait_for_status(self, **wanted: object) -> dict[str, Any]:
        """Ask until the status has these values."""

        def probe() -> dict[str, Any] | None:
            status = self.status()
            return status if all(status[name] == value for name, value in wanted.items()) else None

        return wait_until(probe, f"status with {wanted}")

    def settings(self) -> str:
        """The settings file's text; empty where there is none."""
        path = self.paths.settings_file
        return path.read_text() if path.exists() else ""

    def edit(self, text: str) -> None:
        """Save the settings file from an editor that writes in place."""
        self.paths.settings_file.write_text(text)

    def instance(self) -> Instance:
        """The app that runs."""
        found = read_instance(self.paths.instance_file)
        assert found
        return found

    def app(self) -> psutil.Process:
        """The app's process."""
        return psutil.Process(self.instance().pid)

    def child(self) -> psutil.Process:
        """The endpoint's process."""
        (child,) = self.app().children()
        return child

    def post(self, path: str, body: object) -> Any:
        """One request to the endpoint; the JSON of its answer. Raises OSError, HTTPException where it is cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.status()["port"], timeout=PATIENCE_S)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def leave(self) -> None:
        """End all that was started here, also in the background."""
        for process in self._open:
            process.kill()
            process.communicate()
        for process_left in list(psutil.process_iter()):
            with contextlib.suppress(psutil.Error):
                if process_left.environ().get(FOLDER) == self.env[FOLDER]:
                    process_left.kill()


@contextmanager
def new_user(folder: Path) -> Iterator[User]:
    """One whose processes are gone afterwards."""
    user = User(folder)
    try:
        yield user
    finally:
        user.leave()


def wait_until(probe: Callable[[], T | None], what: str) -> T:
    """Ask until the answer is something: other processes' doings can only be looked at."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """One that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port
