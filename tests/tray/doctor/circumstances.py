"""Circumstances for the doctor's checks: a folder of one's own, and a probe that says what it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tray.doctor.finding import Circumstances, Finding, Status
from tray.options import Choices, merge
from tray.paths import find_paths


class FakeProbe:
    """Answers each probe alike, and keeps what was asked."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, words: Sequence[str]) -> Mapping[str, object]:
        self.asked.append(tuple(words))
        return self.answer


def make_circumstances(
    folder: Path,
    *,
    choices: Choices | None = None,
    env: Mapping[str, str] | None = None,
    platform: str = "linux",
    answer: Mapping[str, object] | None = None,
) -> Circumstances:
    """What a check looks at; all files under `folder`."""
    whole = {"TRAYPOINT_CONFIG_DIR": str(folder), "PATH": "/nowhere", "HOME": str(folder), **(env or {})}
    return Circumstances(whole, platform, find_paths(whole), merge(choices or Choices()), FakeProbe(answer or {}))


def statuses(findings: Sequence[Finding]) -> list[Status]:
    return [finding.status for finding in findings]
