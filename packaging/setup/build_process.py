"""Runs a build's commands: all of their output to a log file, its gist to the user, no process left behind.

Owner: the main thread. A second thread only reads the child's output into a queue, so that the clock on the user's
terminal goes on while the child is silent.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from build_progress import Progress

TAIL_LINES = 25
TICK_S = 1.0
GRACE_S = 5.0
_CAUSES = (
    # What the output holds -> what to do.
    ("No space left on device", "The disk is full: free 1 GB and run this again."),
    ("Killed signal terminated program", "Memory ran out: run again with CMAKE_BUILD_PARALLEL_LEVEL=1."),
    ("out of memory", "Memory ran out: run again with CMAKE_BUILD_PARALLEL_LEVEL=1."),
    ("Could not find a version that satisfies", "The package index has no such version, or can't be reached."),
    ("Temporary failure in name resolution", "The package index can't be reached: check the network or the proxy."),
    ("Failed to establish a new connection", "The package index can't be reached: check the network or the proxy."),
)
_ADVICE = 'Look for the first "error:" there. To use a wheel that upstream built: TRAYPOINT_LLAMA_WHEELS=cpu.'

_Lines = queue.SimpleQueue[str | None]
"""The child's output on its way from the reading thread; None is its end."""


class BuildFailed(Exception):
    """The wheel can't be had; the message says why and what to do, with the end of the output where there is one."""


class BuildRunner:
    """Runs commands one after the other under one clock, which starts now."""

    def __init__(self, log: TextIO, progress: Progress) -> None:
        self._log = log
        self._progress = progress
        self._began = time.monotonic()

    def elapsed_s(self) -> float:
        """Seconds since this runner was made."""
        return time.monotonic() - self._began

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run one command to its end. Raises BuildFailed when it fails; its processes are gone in any case."""
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._log.write(f"$ {' '.join(command)}\n")
        child = _start(command, environment)
        arrived: _Lines = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(child, arrived), daemon=True)
        reader.start()
        try:
            for line in _lines(arrived):
                if line:
                    self._log.write(line)
                    tail.append(line.rstrip())
                    self._progress.tell(line)
                self._progress.show(self.elapsed_s())
            code = child.wait()
        finally:
            _end(child)
            reader.join(GRACE_S)  # the group is gone, and with it the holders of the pipe
            self._progress.clear()
            self._log.flush()
        if code != 0:
            raise BuildFailed(explain_failure(code, tail, self._log.name))


def explain_failure(code: int, tail: Sequence[str], log: str) -> str:
    """The end of the output, where the rest is, and what to do when the output tells."""
    text = "\n".join(tail)
    advice = next((told for sign, told in _CAUSES if sign in text), _ADVICE)
    return f"{text}\nThe build failed (exit code {code}); all of its output is in {log}\n{advice}"


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # a group of its own, so that an interrupt can end the compilers under it too
    )


def _lines(arrived: _Lines) -> Iterator[str]:
    """The child's output line by line, and "" whenever it has said nothing for a tick."""
    while True:
        try:
            line = arrived.get(timeout=TICK_S)
        except queue.Empty:
            line = ""
        if line is None:
            return
        yield line


def _read(child: subprocess.Popen[str], arrived: _Lines) -> None:
    assert child.stdout is not None  # noqa: S101 (told to mypy: stdout is a pipe)
    with child.stdout as output:
        for line in output:
            arrived.put(line)
    arrived.put(None)


def _end(child: subprocess.Popen[str]) -> None:
    """End what is left of the child's group; nothing to do after an ordinary end."""
    if child.poll() is not None:
        return
    _signal(child, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)
    if sys.platform != "win32":
        _signal(child, signal.SIGKILL)  # the compilers that did not listen
    child.kill()
    child.wait()


def _signal(child: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            child.terminate()
        else:
            os.killpg(child.pid, number)
