"""The whole suite's switches. With TRAYPOINT_NO_SKIPS=1 a skipped test fails the run, and is named; `--part` takes the
tests that run beside others, or those that need the machine for themselves."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endpoint.contract import Env

NO_SKIPS = "TRAYPOINT_NO_SKIPS"
PARTS = ("beside", "alone")
MOST_PROCESSES = 4


class SkipGuard:
    """Collects what was skipped, of single tests and of whole files, and fails the session for it at its end."""

    def __init__(self) -> None:
        self._skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # An expected failure is reported as skipped too, with `wasxfail`: that one was run.
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.append(f"{report.nodeid}: {_reason(report.longrepr)}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped.append(f"{report.nodeid}: {_reason(report.longrepr)}")

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self._skipped and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._skipped:
            return
        terminalreporter.section(f"skipped, which {NO_SKIPS} forbids", red=True, bold=True)
        for line in self._skipped:
            terminalreporter.line(line)


def _reason(longrepr: Any) -> str:  # Any: pytest's own union of representations
    """The reason given to skip(); pytest keeps a skip as (file, line, "Skipped: reason")."""
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which a run in one process does without
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, up to four: much of a test's time is waiting for what it has started."""
    return min(MOST_PROCESSES, (os.cpu_count() or 1) + 1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=PARTS, help="only the tests marked alone, or only the others")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where few tests are wanted, don't import hundreds of files for them: a mark can't be given without its name."""
    is_test = collection_path.match("test_*.py") and config.getoption("--part") == "alone"
    return True if is_test and b"mark.alone" not in collection_path.read_bytes() else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep those of the wanted part. Files that hold a slow test come first: one that began last would be waited for by
    all the others."""
    part = config.getoption("--part")
    if part is None:
        return
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        is_alone = item.get_closest_marker("alone") is not None
        (kept if is_alone == (part == "alone") else dropped).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def pytest_configure(config: pytest.Config) -> None:
    """Turn the guard on where the environment asks for it. No endpoint that a test starts saves into the user's own
    cache, or finds what another test's has saved: what is tested of that names its own folder."""
    os.environ.setdefault(Env.CACHE_DISK, "0")
    # Beside other tests, llama.cpp's threads would spin for each other most of the time: loading the starter took three
    # seconds of processor time instead of 0.7.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    _hear_signals()
    if config.pluginmanager.hasplugin("hypothesispytest"):
        _lift_deadlines()
    if os.environ.get(NO_SKIPS, "") not in ("", "0"):
        config.pluginmanager.register(SkipGuard(), "traypoint-no-skips")


def _lift_deadlines() -> None:
    """On a busy machine, any step of what hypothesis tries may take its time. Before the tests are imported: each takes
    its settings from the profile of that moment."""
    from hypothesis import HealthCheck, settings

    settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy machine")


def _hear_signals() -> None:
    """A run under nohup, or in a script's background, ignores signals, and so would every program that it starts, which
    tests send them to. A handler that does nothing leaves the run alone, and is not inherited."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


@pytest.fixture(scope="module", autouse=True)
def _few_objects() -> None:
    """Take all that is there before a file of tests out of the garbage collector's sight: hundreds of tests wait for a
    full collection (a model's memory goes back in one), and each would look at every object again, for a third of a
    second. Of what was collected and what has been imported since, there are hundreds of thousands."""
    gc.collect()
    gc.freeze()
