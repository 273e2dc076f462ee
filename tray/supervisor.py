"""Starts, watches and stops one endpoint at a time. Called by the controller's thread; reports through `post`.

It decides nothing: when to start again, and when to give up, is the state machine's business (tray/machine.py).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from tray.actions import Action, SpawnFailed
from tray.child import HURRIED, OUTPUT_S, POLITE, Child, Patience, StopOutcome
from tray.logfile import RotatingLog
from tray.spawn import Command, spawn


class StartOutcome(StrEnum):
    """What became of starting an endpoint; what comes of it later is reported."""

    STARTED = "started"
    ALREADY_RUNNING = "already-running"
    FAILED = "failed"


class Supervisor:
    """Owns the running child, if there is one."""

    def __init__(self, log: RotatingLog, post: Callable[[Action], None], patience: Patience = POLITE) -> None:
        self._log = log
        self._post = post
        self._patience = patience
        self._child: Child | None = None
        self._news = ""  # each child is told it at its start

    def start(self, run: int, command: Command, address: tuple[str, int]) -> StartOutcome:
        """Start endpoint number `run`, told to bind `address`."""
        if self._child is not None and not self._child.wait(0):
            return StartOutcome.ALREADY_RUNNING
        self._log.write(f"supervisor: start {run}: {' '.join(command.argv)}")
        try:
            process = spawn(command)
        except OSError as error:
            self._log.write(f"supervisor: {error}")
            self._post(SpawnFailed(run, f"{command.argv[0]}: {error.strerror or error}"))
            return StartOutcome.FAILED
        self._child = Child(process, run, address, self._log, self._post)
        self._child.watch()
        if self._news:
            self._child.inform(self._news)
        return StartOutcome.STARTED

    def stop(self) -> StopOutcome:
        """Begin to end the child: politely, then by force. Returns at once."""
        return self._child.stop(self._patience) if self._child else StopOutcome.NOT_RUNNING

    def hurry(self) -> StopOutcome:
        """As `stop`, within five seconds and without waiting for running answers."""
        return self._child.stop(HURRIED) if self._child else StopOutcome.NOT_RUNNING

    def drain(self) -> None:
        """Have the child end once it has answered what it has taken on. Returns at once."""
        if self._child:
            self._child.drain()

    def inform(self, news: str) -> None:
        """Tell the child this line, and each that comes after it; in place of what was told before."""
        self._news = news
        if self._child:
            self._child.inform(news)

    def kill(self) -> None:
        """End the child at once."""
        if self._child:
            self._child.kill()

    def close(self) -> None:
        """End the child and wait for that: for the way out, where nobody reads reports any more."""
        if self._child is None or self.hurry() is StopOutcome.NOT_RUNNING:
            return
        if not self._child.wait(HURRIED.grace_s + HURRIED.term_s + OUTPUT_S):
            self._child.kill()
