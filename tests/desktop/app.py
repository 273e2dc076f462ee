"""The real app on a virtual desktop, as the tests speak to it: menu over D-Bus, HTTP, the command line."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.desktop.dbus_menu import DbusMenu
from tests.desktop.session import PATIENCE_S, Desktop, wait_until


class App:
    """One running app with its icon shown."""

    def __init__(self, desktop: Desktop, process: subprocess.Popen[str], menu: DbusMenu) -> None:
        self.desktop, self.process, self.menu = desktop, process, menu

    @property
    def config(self) -> Path:
        """Where its settings, state and logs are."""
        return Path(self.desktop.env["TRAYPOINT_CONFIG_DIR"])

    @property
    def port(self) -> int:
        """The port in the status line `… localhost:8101/v1`."""
        return int(self.menu.status().rpartition(":")[2].removesuffix("/v1"))

    def child(self) -> psutil.Process:
        """The endpoint's process."""
        (child,) = psutil.Process(self.process.pid).children()
        return child

    def get(self, path: str) -> Any:
        """The JSON that the endpoint answers."""
        return ask(self.port, "GET", path)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`traypoint WORDS` in another process, as its user would type it."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "tray", *words],
            env=self.desktop.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """`traypoint status --json`."""
        told: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return told

    def settings(self) -> str:
        """The settings file's text."""
        path = self.config / "settings.toml"
        return path.read_text() if path.exists() else ""

    def clipboard(self) -> str:
        """What is on the desktop's clipboard."""
        argv = ["xclip", "-selection", "clipboard", "-o"]
        done = subprocess.run(argv, env=self.desktop.env, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout

    def wait_for_setting(self, line: str) -> None:
        """Wait until the settings file has this line."""
        wait_until(lambda: line in self.settings().splitlines(), f"{line!r} in the settings file")


@contextmanager
def running_app(desktop: Desktop, *arguments: str) -> Iterator[App]:
    """The app, started and with its icon in the tray."""
    desktop.start_watcher()
    process = desktop.start_traypoint(*arguments)
    with DbusMenu(desktop.env["DBUS_SESSION_BUS_ADDRESS"]) as menu:
        menu.attach()
        yield App(desktop, process, menu)


def ask(port: int, method: str, path: str, body: object = None) -> Any:
    """One request to the endpoint; the JSON of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def chat(port: int, text: str, max_tokens: int = 8) -> Any:
    """One answer."""
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": max_tokens}
    return ask(port, "POST", "/v1/chat/completions", body)


def is_refused(port: int) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    """One that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def put_on_path(desktop: Desktop, name: str) -> Path:
    """A program of that name in front of all others, which notes its arguments; the file of notes."""
    folder = desktop.home / "bin"
    folder.mkdir(exist_ok=True)
    notes = desktop.home / f"{name}.txt"
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    program.chmod(0o755)
    if not desktop.env["PATH"].startswith(str(folder)):
        desktop.env["PATH"] = f"{folder}{os.pathsep}{desktop.env['PATH']}"
    return notes
