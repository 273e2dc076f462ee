"""Which Python and which Traypoint run here, and whether the clock can be right."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tray.doctor.finding import Circumstances, Finding, Status
from tray.version import read_version

OLDEST = (3, 11)
DAY_S = 86_400.0
"""A file may come from a machine whose clock is ahead, or from another time zone."""


def check_program(_: Circumstances) -> Sequence[Finding]:
    """Versions and interpreter."""
    python = f"Python {platform.python_version()} ({sys.executable})"
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return [Finding("Python", Status.FAIL, python, f"Install Python {wanted} or newer.")]
    version = read_version()
    if not version[0].isdigit():
        told = f"{version}, run from {Path(__file__).parents[2]}"
        advice = "Run `make run`, or `pip install --editable .` there."
        return [Finding("Traypoint", Status.WARN, told, advice), Finding("Python", Status.OK, python)]
    return [Finding("Traypoint", Status.OK, version), Finding("Python", Status.OK, python)]


def check_clock(_: Circumstances, now_s: float | None = None) -> Sequence[Finding]:
    """A clock that is behind this very file is wrong; log lines, caches and certificates then mislead."""
    now = time.time() if now_s is None else now_s
    told = datetime.fromtimestamp(now).astimezone().isoformat(sep=" ", timespec="seconds")
    if now < Path(__file__).stat().st_mtime - DAY_S:
        return [Finding("clock", Status.WARN, f"{told} is before Traypoint was installed", "Set the system's clock.")]
    return [Finding("clock", Status.OK, told)]
