"""One endpoint process from its start to its end: pumps its output, reports its start line, its wishes and its exit.

Threads: two pumps (stdout, stderr), one writer (stdin), one waiter, and one stopper while it is being stopped; all
report through `post`, which must not block. Invariant: exactly one ChildExited, after the output has been read.
"""

from __future__ import annotations

import errno
import re
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from endpoint.app_contract import parse_wish
from endpoint.contract import API_KEY_NOTE, DRAIN_LINE, STOP_LINE, BindFailed, Listening, parse_start_line
from tray.actions import Action, ChildBindFailed, ChildExited, ChildListening, Noticed
from tray.child_input import ChildInput
from tray.downloads.wishes import Fetch
from tray.exits import ERROR_MARK
from tray.logfile import RotatingLog
from tray.portholder import find_free_port, find_holder
from tray.spawn import kill_group, terminate_group

OUTPUT_S = 1.0
"""How long the output of a process that has ended is waited for: a grandchild may hold the pipe open."""
TAIL_LINES = 50
ROUTINE = re.compile(r"^\S+ \S+ (INFO|DEBUG) ")
"""Log lines that can't be why it ended."""


class StopOutcome(StrEnum):
    """What became of asking for a stop."""

    ASKED = "asked"
    ALREADY_STOPPING = "already-stopping"
    NOT_RUNNING = "not-running"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait in seconds: after asking, and after SIGTERM. `times`: how often to ask; who is asked twice
    doesn't wait for running answers.
    """

    grace_s: float = 5.0
    term_s: float = 2.0
    times: int = 1


POLITE = Patience()
HURRIED = Patience(grace_s=3.0, term_s=1.0, times=2)
"""At the end of a session all must be over within five seconds."""


class Child:
    """Watches `process`; `host` and `port` are what it was told to bind, for the message when it can't."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        run: int,
        address: tuple[str, int],
        log: RotatingLog,
        post: Callable[[Action], None],
    ) -> None:
        self._process = process
        self._run = run
        self._address = address
        self._log = log
        self._post = post
        self._gone = threading.Event()
        self._patience: Patience | None = None  # that it is being stopped with
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._input = ChildInput(process.stdin, f"endpoint-{run}-stdin") if process.stdin else None

    def watch(self) -> None:
        """Start the threads."""
        pumps = [self._thread(self._pump_stdout, "stdout"), self._thread(self._pump_stderr, "stderr")]
        self._thread(lambda: self._await_exit(pumps), "wait")

    def drain(self) -> None:
        """Have it end once it has answered what it has taken on; the exit is reported."""
        self._order(DRAIN_LINE)

    def inform(self, news: str) -> None:
        """Tell it this, unless something newer comes before it reads."""
        if self._input:
            self._input.inform(news)

    def stop(self, patience: Patience = POLITE) -> StopOutcome:
        """Begin to end it: ask, then SIGTERM, then SIGKILL. Returns at once; the exit is reported."""
        if self._gone.is_set():
            return StopOutcome.NOT_RUNNING
        if self._patience is not None and self._patience.grace_s <= patience.grace_s:
            return StopOutcome.ALREADY_STOPPING
        self._patience = patience
        self._thread(lambda: self._stop_in_steps(patience), "stop")
        return StopOutcome.ASKED

    def kill(self) -> None:
        """End it and its group at once."""
        kill_group(self._process)

    def wait(self, timeout_s: float) -> bool:
        """True when the process has gone and has been reported."""
        return self._gone.wait(timeout_s)

    def _thread(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"endpoint-{self._run}-{name}", daemon=True)
        thread.start()
        return thread

    def _order(self, line: str) -> None:
        if self._input:
            self._input.order(line)

    def _stop_in_steps(self, patience: Patience) -> None:
        for _ in range(patience.times):
            self._order(STOP_LINE)
        if self._gone.wait(patience.grace_s):
            return
        self._log.write(f"supervisor: asked to stop {patience.grace_s:.0f} s ago, still here: SIGTERM")
        terminate_group(self._process)
        if self._gone.wait(patience.term_s):
            return
        self._log.write("supervisor: SIGTERM didn't help: SIGKILL")
        kill_group(self._process)

    def _pump_stdout(self) -> None:
        started = False
        for line in _lines(self._process.stdout):
            start = None if started else parse_start_line(line)
            if start is not None:
                started = True
                self._report_start(start)
            elif (wish := parse_wish(line)) is not None:
                self._post(Fetch(wish.deed, wish.wanted))
            self._log.write(line)

    def _report_start(self, start: Listening | BindFailed) -> None:
        if isinstance(start, Listening):
            self._post(ChildListening(self._run, start.port))
            return
        host, port = self._address
        if start.errno == errno.EADDRINUSE:
            failed = ChildBindFailed(self._run, start.text, True, find_holder(port), find_free_port(host, port))
        else:
            failed = ChildBindFailed(self._run, start.text)
        self._post(failed)

    def _pump_stderr(self) -> None:
        for line in _lines(self._process.stderr):
            is_secret = line.startswith(API_KEY_NOTE)
            if is_secret:
                self._post(Noticed(line))
            elif line.strip():
                self._tail.append(line)
            self._log.write(f"{API_KEY_NOTE}(shown, not logged)" if is_secret else line)

    def _await_exit(self, pumps: list[threading.Thread]) -> None:
        code = self._process.wait()
        for pump in pumps:
            pump.join(OUTPUT_S)
        if self._input:
            self._input.close()
        self._log.write(f"supervisor: endpoint (pid {self._process.pid}) ended with code {code}")
        self._gone.set()
        self._post(ChildExited(self._run, code, pick_error(self._tail)))


def pick_error(tail: deque[str]) -> str | None:
    """The line that says best why: the endpoint's own last `error:`, else the last line of all."""
    lines = [line for line in tail if not ROUTINE.search(line)]
    marked = [line for line in lines if line.startswith("traypoint-endpoint: ") and ERROR_MARK in line]
    best = marked or lines
    return best[-1] if best else None


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    """Its lines as text, to the end of the stream."""
    if stream is None:
        return
    with stream:
        for line in stream:
            yield line.decode(errors="replace").rstrip("\r\n")
