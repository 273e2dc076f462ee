"""What a check found, and what it looks at. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tray.options import Options
from tray.paths import Paths


class Status(StrEnum):
    """How good a finding is. Only FAIL keeps Traypoint from serving what it was told to."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's. `advice` is what to do next; each WARN and FAIL has one."""

    name: str
    status: Status
    told: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the checks look at. `probe` tries one thing out in a process of its own (tray/doctor/probing.py)."""

    env: Mapping[str, str]
    platform: str
    paths: Paths
    options: Options
    probe: Callable[[Sequence[str]], Mapping[str, object]]


Check = Callable[[Circumstances], Sequence[Finding]]
"""One check, on a thread of its own. It may take some seconds; what it raises is a bug, and is told as one."""
