"""Clients in the user's cache directory: each in a virtual environment or npm prefix of its own, once a version."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

from tests.clients.client import Client, Registry

PATIENCE_S = 900
_DONE = "installed"


class InstallFailed(RuntimeError):
    """With what the installer said."""


def install(client: Client) -> Path:
    """The folder with the client's programs; installs it where that hasn't been done. Raises InstallFailed."""
    sum_ = hashlib.sha256(" ".join(client.packages).encode()).hexdigest()[:8]
    folder = platformdirs.user_cache_path("traypoint") / "clients" / f"{client.name}-{client.version}-{sum_}"
    if not (folder / _DONE).exists():
        print(f"Installing {' '.join(client.packages)}…", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for command in _commands(client, folder):
            _run(command, folder)
        (folder / _DONE).touch()
    return find_programs(client, folder)


def find_programs(client: Client, folder: Path) -> Path:
    """Where the installed programs lie."""
    if client.registry is Registry.NPM:
        return folder / "node_modules" / ".bin"
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


def _commands(client: Client, folder: Path) -> list[list[str]]:
    if client.registry is Registry.NPM:
        npm = shutil.which("npm")
        if npm is None:
            raise InstallFailed(f"{client.name} needs npm (Node 20 or newer), which is not on PATH.")
        # In npm's words: no reports, no advertising, nothing on the screen but errors.
        quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
        return [[npm, "install", "--prefix", str(folder), *quiet, *client.packages]]
    python = find_programs(client, folder) / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return [[sys.executable, "-m", "venv", str(folder)], [*pip, *client.packages]]


def _run(command: list[str], folder: Path) -> None:
    without = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode:
        raise InstallFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
