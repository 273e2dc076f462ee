"""One process of the child that talks to the hub, from its start to its end.

Threads: one that reads its events and hands them to `hear`, one that keeps its standard error from filling up, and one
while it is being stopped. Invariant: `hear` gets exactly one of the events that end, and that last; if the child dies
without one, it is made here.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import IO

from endpoint.hub_contract import ENDS, Failed, FailureCode, HubEvent, Wish, parse_event
from tray.spawn import Command, kill_group, spawn

PATIENCE_S = 4.0
"""How long a child may take to end when it is asked to; it needs two seconds at most."""
OUTPUT_S = 1.0


class HubChild:
    """Starts at once. `hear` is called on the reading thread and must not block for long. Raises OSError."""

    def __init__(self, command: Command, hear: Callable[[HubEvent], None]) -> None:
        self._hear = hear
        self._gone = threading.Event()
        self._process = spawn(command)
        self._drain = self._thread(self._read_errors, "errors")
        self._thread(self._read_events, "events")

    @property
    def pid(self) -> int:
        return self._process.pid

    def wish(self, wish: Wish) -> None:
        """Have it end. Returns at once; the end is heard."""
        stdin = self._process.stdin
        if stdin:
            with contextlib.suppress(OSError, ValueError):
                stdin.write(f"{wish.value}\n".encode())
                stdin.flush()
        self._thread(self._insist, "stop")

    def wait(self, timeout_s: float | None = None) -> bool:
        """True when its end has been heard."""
        return self._gone.wait(timeout_s)

    def _insist(self) -> None:
        if not self._gone.wait(PATIENCE_S):
            kill_group(self._process)

    def _read_events(self) -> None:
        last: HubEvent | None = None
        for line in _lines(self._process.stdout):
            event = parse_event(line)
            if event is not None and not isinstance(last, ENDS):
                last = event
                self._hear(event)
        code = self._process.wait()
        self._drain.join(OUTPUT_S)
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if not isinstance(last, ENDS):
            self._hear(_explain_death(code))
        self._gone.set()

    def _read_errors(self) -> None:
        """Dropped: its lines may hold addresses that are as good as keys."""
        for _ in _lines(self._process.stderr):
            pass

    def _thread(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"hub-{name}", daemon=True)
        thread.start()
        return thread


def ask_hub(command: Command) -> HubEvent:
    """Run the child to its end, and return the event that it ended with."""
    ends: list[HubEvent] = []
    try:
        child = HubChild(command, ends.append)
    except OSError as error:
        return explain_no_start(error)
    try:
        child.wait()
    finally:
        child.wish(Wish.PAUSE)
    return ends[-1]


def explain_no_start(error: OSError) -> Failed:
    """The operating system would not start it."""
    return Failed(FailureCode.INTERNAL.value, f"The download's process can't be started: {error}.")


def _explain_death(code: int) -> Failed:
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return Failed(
        FailureCode.INTERNAL.value,
        f"The download's process {how} before it was done. What has come is kept: pull again.",
    )


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    """Its lines as text, to the end of the stream."""
    if stream is not None:
        with stream:
            for line in stream:
                yield line.decode(errors="replace")
