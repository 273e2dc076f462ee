"""What can arrive in the controller's inbox: the user's clicks, and what the child and the poller report.

Frozen values only, so any thread may make them. `run` numbers the child that a report is about: a report about an
earlier one is out of date and is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.contract import HealthStatus
from tray.state import CacheFigures


class UserAction(StrEnum):
    """A click in the menu, or a signal (QUIT)."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    COPY_URL = "copy-url"
    OPEN_LOG = "open-log"
    CLEAR_CACHE = "clear-cache"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class ChildListening:
    """The endpoint has bound its port and goes on to load."""

    run: int
    port: int


@dataclass(frozen=True, slots=True)
class ChildBindFailed:
    """The endpoint could not bind, and says why. For a port in use also `holder`, who has it, where that can be
    known, and `free_port`, an offer.
    """

    run: int
    text: str
    is_in_use: bool = False
    holder: str | None = None
    free_port: int | None = None


@dataclass(frozen=True, slots=True)
class ChildExited:
    """The endpoint's process is gone. `code` is negative for a signal on POSIX, as in subprocess."""

    run: int
    code: int
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class SpawnFailed:
    """The endpoint's process could not even be started."""

    run: int
    text: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One answer of GET /health; `status` None: none came, for `silent_s` seconds by now."""

    run: int
    status: HealthStatus | None
    model: str = ""
    progress: float | None = None
    active: int = 0
    queued: int = 0
    error: str | None = None
    silent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CacheReport:
    """What the endpoint's prompt cache takes; None: it doesn't say, or not to us."""

    run: int
    figures: CacheFigures | None


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The wait after a crash is over; `run` is the child that crashed."""

    run: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """A side job (copying, opening, clearing) ended with something to tell."""

    text: str


ChildReport = ChildListening | ChildBindFailed | ChildExited | SpawnFailed | HealthReport | CacheReport
"""What is told of a child."""

Action = UserAction | ChildReport | RetryDue | Noticed
