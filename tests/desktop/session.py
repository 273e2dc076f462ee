"""A desktop that exists only in memory: a virtual screen, a session bus and what else a test starts on them.

Every process is started in its own group and ended in reverse order. No fixed display number, no fixed bus address.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PATIENCE_S = 30.0
T = TypeVar("T")


def find_missing(tools: Sequence[str], modules: Sequence[str]) -> str:
    """What the tests need and this machine lacks, as a reason to skip; empty when nothing."""
    if sys.platform != "linux":
        return "needs Linux: X11 and D-Bus"
    missing = [tool for tool in tools if shutil.which(tool) is None]
    missing += [f"Python module {name}" for name in modules if importlib.util.find_spec(name) is None]
    return f"missing: {', '.join(missing)} (see .ci/apt-packages.txt)" if missing else ""


def wait_until(probe: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """Ask until the answer is something. Other processes' windows and menus can't be awaited, only looked at."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience_s} s: {what}")
        time.sleep(0.02)


class Desktop:
    """A screen and a bus, as a context manager; `env` is what programs on it need."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tp-desktop-"))
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GDK_BACKEND": "x11",
            "XDG_RUNTIME_DIR": str(self._make_folder("run", 0o700)),
            "XDG_CONFIG_HOME": str(self._make_folder("config")),
            "TRAYPOINT_CONFIG_DIR": str(self._make_folder("traypoint")),
            "PYTHONPATH": str(ROOT),
        }
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        try:
            self._start_screen()
            self._start_bus()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._started):
            end_group(process)
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self, argv: Sequence[str], *, reads: bool = False) -> subprocess.Popen[str]:
        """Start a program; with `reads` its standard output can be read, else it goes to a file of its name."""
        log = (self.home / f"{len(self._started)}-{Path(argv[0]).name}.log").open("w")
        with log:
            process = subprocess.Popen(
                argv,
                env=self.env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if reads else log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def start_watcher(self) -> subprocess.Popen[str]:
        """The panel's side of the indicator protocol, without a panel."""
        watcher = self.start([sys.executable, str(HERE / "watcher.py")], reads=True)
        assert watcher.stdout
        assert watcher.stdout.readline() == "watching\n"
        return watcher

    def start_traypoint(self, *arguments: str) -> subprocess.Popen[str]:
        """The real app, its messages in one file (`messages`)."""
        return self.start([sys.executable, "-P", "-m", "tray", *arguments])

    def messages(self) -> str:
        """What every program so far has written, for a failed test's report."""
        return "\n".join(f"== {path.name}\n{path.read_text()}" for path in sorted(self.home.glob("*.log")))

    def _make_folder(self, name: str, mode: int = 0o755) -> Path:
        folder = self.home / name
        folder.mkdir(mode=mode)
        return folder

    def _start_screen(self) -> None:
        reader, writer = os.pipe()
        # Without -noreset the screen starts anew when its last client leaves, and refuses who comes meanwhile.
        argv = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"]
        null = subprocess.DEVNULL
        self._started.append(
            subprocess.Popen(
                argv, pass_fds=[writer], stdin=null, stdout=null, stderr=null, text=True, start_new_session=True
            )
        )
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.env["DISPLAY"] = f":{answer.readline().strip()}"

    def _start_bus(self) -> None:
        bus = self.start(["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address=1"], reads=True)
        assert bus.stdout
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()


def end_group(process: subprocess.Popen[str]) -> None:
    """End a process and its group, at once, and close our end of its pipe."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
