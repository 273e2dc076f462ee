"""What the lifecycle asks for. Values only: the controller has them carried out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.contract import ExitCode


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start endpoint number `run` on `port` (0: any free one)."""

    run: int
    port: int


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """Poll the health of endpoint number `run`."""

    run: int
    host: str
    port: int


class ChildEffect(StrEnum):
    """What to do with the running endpoint."""

    STOP = "stop"  # politely first; the exit is reported as ChildExited
    KILL = "kill"  # at once
    FORGET = "forget"  # it has gone: nothing to poll any more


@dataclass(frozen=True, slots=True)
class ScheduleRetry:
    """Post RetryDue(run) after a while."""

    run: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class CopyText:
    """Put this on the clipboard."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenLog:
    """Show the endpoint's log file in the desktop's viewer."""


@dataclass(frozen=True, slots=True)
class ClearCache:
    """Have endpoint number `run` forget the prompts that it holds; how that ended is posted as Noticed."""

    run: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to do: end the app with this exit code."""

    code: int = ExitCode.OK


Effect = StartChild | WatchHealth | ChildEffect | ScheduleRetry | CopyText | OpenLog | ClearCache | Finish
