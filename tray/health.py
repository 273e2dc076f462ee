"""Polls the endpoint's /health and posts what it says. One thread, which owns nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from endpoint.contract import HealthStatus
from tray.actions import Action, HealthReport
from tray.exchange import USUAL_TIMEOUT_S, exchange
from tray.figures import HealthFigures, MemoryFigures, ReuseFigures
from tray.reading import count, member, number, parse, text

POLL_S = 1.0
POLL_LOADING_S = 0.1
"""While it loads, people watch the progress; a poll costs the endpoint about a millisecond."""
MAX_BODY_BYTES = 64 * 1024
ASLEEP_S = 12.0
"""Between the ends of two polls, timeout and wait included. Longer: the machine slept, and the endpoint with it."""
_MEMORY = ("weights", "kv", "prefix", "prefix_budget", "disk", "disk_budget")
"""In the order of MemoryFigures."""


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint to poll."""

    run: int
    host: str
    port: int


class HealthPoller:
    """Polls the target given last; idle without one. `on_healthy` is called with each report of a healthy one, on the
    poller's thread.
    """

    def __init__(
        self,
        post: Callable[[Action], None],
        clock: Callable[[], float] = time.monotonic,
        on_healthy: Callable[[Target, HealthReport], None] = lambda _target, _report: None,
    ) -> None:
        self._post = post
        self._on_healthy = on_healthy
        self._clock = clock
        self._target: Target | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._loop, name="health", daemon=True)
        self._thread.start()

    def watch(self, target: Target | None) -> None:
        """Poll this endpoint from now on; None: nothing."""
        with self._changed:
            self._target = target
            self._changed.notify()

    def close(self) -> None:
        """End the thread; a poll under way may take its timeout."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _loop(self) -> None:
        polled: Target | None = None
        silence = Silence()
        wait_s: float | None = None
        while (target := self._next_target(polled, wait_s)) is not None:
            if target != polled:
                polled, silence = target, Silence()
            started = self._clock()
            report = ask_health(target)
            silent_s = silence.measure(started, self._clock(), answered=report.status is not None)
            self._post(replace(report, silent_s=silent_s))
            if report.status is HealthStatus.HEALTHY:
                self._on_healthy(target, report)
            wait_s = POLL_S if report.status is HealthStatus.HEALTHY else POLL_LOADING_S

    def _next_target(self, polled: Target | None, wait_s: float | None) -> Target | None:
        """What to poll next: at once when the target changed, else after the wait. None: the end."""
        with self._changed:
            if self._target is not None and self._target == polled:
                self._changed.wait_for(lambda: self._closed or self._target != polled, wait_s)
            self._changed.wait_for(lambda: self._closed or self._target is not None)
            return None if self._closed else self._target


class Silence:
    """How long an endpoint has given no answer. Times in seconds of a clock that may go on while a machine sleeps."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._looked: float | None = None

    def measure(self, started: float, ended: float, *, answered: bool) -> float:
        """After a poll, the seconds since the first one without an answer; what was slept through doesn't count."""
        slept = ended - (started if self._looked is None else self._looked) > ASLEEP_S
        self._looked = ended
        if answered:
            self._since = None
        elif slept:
            self._since = ended
        elif self._since is None:
            self._since = started
        return 0.0 if self._since is None else ended - self._since


def ask_health(target: Target, timeout_s: float = USUAL_TIMEOUT_S) -> HealthReport:
    """One GET /health. Status None: no answer, or none that makes sense."""
    return read_health(target.run, _get_health(target, timeout_s))


def fetch_health(target: Target, timeout_s: float = USUAL_TIMEOUT_S) -> Mapping[str, object] | None:
    """The body of one GET /health as it is; None: no answer, or none that makes sense."""
    said = parse(_get_health(target, timeout_s))
    return said if isinstance(said, Mapping) else None


def _get_health(target: Target, timeout_s: float) -> bytes:
    """The body of an answer; empty where none came."""
    return exchange(target.host, target.port, "/health", limit=MAX_BODY_BYTES, timeout_s=timeout_s)[1]


def read_health(run: int, body: bytes) -> HealthReport:
    """A /health body as a report; status None when it is none."""
    said = parse(body)
    try:
        status = HealthStatus(text(member(said, "status")))
    except ValueError:
        return HealthReport(run, None)
    return HealthReport(
        run,
        status,
        model=text(member(said, "model")),
        progress=number(member(said, "progress")),
        active=count(member(said, "active")),
        queued=count(member(said, "queued")),
        error=text(member(said, "error")) or None,
        is_unloaded=member(said, "unloaded") is True,
        figures=read_figures(said) if status is HealthStatus.HEALTHY else None,
    )


def read_figures(said: object) -> HealthFigures:
    """The numbers of a healthy endpoint's /health; what it doesn't tell is zero."""
    requests, rates = member(said, "requests"), member(said, "rates")
    memory, reuse = member(said, "memory"), member(said, "prompt_cache")
    return HealthFigures(
        uptime_min=int((number(member(said, "uptime_s")) or 0.0) // 60),
        requests=count(member(requests, "total")),
        failed=count(member(requests, "failed")),
        prefill_rate=number(member(rates, "prefill")) or 0.0,
        decode_rate=number(member(rates, "decode")) or 0.0,
        n_ctx=count(member(said, "n_ctx")),
        memory=MemoryFigures(*(count(member(memory, f"{name}_bytes")) for name in _MEMORY)),
        reuse=ReuseFigures(
            hit_rate=number(member(reuse, "hit_rate")),
            cached_tokens=count(member(reuse, "cached_tokens")),
            saved_s=number(member(reuse, "saved_s")) or 0.0,
        ),
        last_error=text(member(member(said, "last_error"), "message")),
        pressure=text(member(said, "memory_pressure")).replace("none", ""),
    )
