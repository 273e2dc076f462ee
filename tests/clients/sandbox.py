"""The throwaway home that a client runs in: its own settings and nothing of the user's; no network but loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.clients.client import NOTED, NOTES, Client, Registry
from tests.clients.recipes import Recipe

CONVERSATIONS = Path(__file__).parent / "conversations"
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240
_KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "TMPDIR", "SYSTEMROOT")
# A proxy that isn't there: what a client would send elsewhere fails at once.
_NOWHERE = "http://127.0.0.1:9"
_PROXIES = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), _NOWHERE),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
}
_OFFLINE = {
    "NO_UPDATE_NOTIFIER": "1",
    "DO_NOT_TRACK": "1",
    "CI": "1",
    "NO_COLOR": "1",
    "HF_HUB_OFFLINE": "1",
}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`home` holds settings, `work` is where the client runs; `programs` comes first on its PATH."""

    home: Path
    work: Path
    programs: Path

    def prepare(self, client: Client, recipe: Recipe) -> None:
        """Write the files that the recipe has, something for its tools to find, and its conversation."""
        self.work.mkdir(parents=True)
        for place, text in recipe.files.items():
            file = self._locate(place)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        (self.work / NOTES).write_text(NOTED, encoding="utf-8")
        for script in client.scripts:
            shutil.copy(CONVERSATIONS / script, self.work)
        if client.registry is Registry.NPM:  # where imports are looked for: beside the script, and nowhere else
            (self.work / "node_modules").symlink_to(self.programs.parent)

    def connect(self, client: Client, recipe: Recipe, port: int) -> None:
        """Have `traypoint connect` write the files that the recipe has."""
        for place in recipe.files:
            self._locate(place).unlink()
        words = ["--port", str(port), "--model", "starter"]
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tray", "connect", client.name, *words],
            env={**self._environment(client), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        missing = [str(place) for place in recipe.files if not self._locate(place).exists()]
        if done.returncode or missing:
            raise RuntimeError(f"connect {client.name} did not write {missing}: {done.stdout}{done.stderr}")

    def run(self, client: Client, recipe: Recipe) -> tuple[int, str]:
        """The conversation's exit code and all that it printed; 124 when it had to be ended."""
        with subprocess.Popen(
            self._command(client, recipe),
            cwd=self.work,
            env=self._environment(client),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=PATIENCE_S)
                return process.returncode, output
            except subprocess.TimeoutExpired:
                _end_group(process.pid)
                return 124, process.communicate()[0] + f"\nstill running after {PATIENCE_S} s"
            finally:
                _end_group(process.pid)  # some leave a server of theirs behind

    def _locate(self, place: PurePosixPath) -> Path:
        return self.home.joinpath(*place.parts[1:]) if place.parts[0] == "~" else self.work.joinpath(place)

    def _command(self, client: Client, recipe: Recipe) -> list[str]:
        program = "node" if client.registry is Registry.NPM else "python"
        lines = "".join(f"{program} {script}\n" for script in client.scripts) or recipe.commands
        if lines is None:
            raise ValueError(f"docs/clients.md shows no commands for {client.name}, and it has no script")
        return ["bash", "-euo", "pipefail", "-c", lines]

    def _environment(self, client: Client) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        folders = {
            "XDG_CONFIG_HOME": ".config",
            "XDG_DATA_HOME": ".local/share",
            "XDG_STATE_HOME": ".local/state",
            "XDG_CACHE_HOME": ".cache",
        }
        homes = {name: str(self.home / folder) for name, folder in folders.items()}
        proxies = _PROXIES if client.obeys_no_proxy else {}
        path = os.pathsep.join((str(self.programs), kept.get("PATH", os.defpath)))
        return {**kept, **proxies, **_OFFLINE, **homes, "HOME": str(self.home), "PATH": path}


def _end_group(pid: int) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
