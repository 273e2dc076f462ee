"""Runs the checks side by side, each on a daemon thread: one that hangs (a dead network drive, a bus that doesn't
answer) is told as such, and keeps neither the others nor the program's end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from tray.doctor.desktop import check_autostart, check_clipboard, check_icon, check_notifications
from tray.doctor.finding import Check, Circumstances, Finding, Status
from tray.doctor.folders import check_folders, check_key
from tray.doctor.instances import check_instances
from tray.doctor.model import check_model
from tray.doctor.port import check_port
from tray.doctor.program import check_clock, check_program
from tray.doctor.providers import check_llamacpp, check_mlx
from tray.doctor.settings_file import check_environment, check_settings

PATIENCE_S = 8.0

CHECKS: Mapping[str, Check] = {
    "program": check_program,
    "clock": check_clock,
    "settings": check_settings,
    "environment": check_environment,
    "folders": check_folders,
    "API key": check_key,
    "port": check_port,
    "llama.cpp": check_llamacpp,
    "MLX": check_mlx,
    "model": check_model,
    "instances": check_instances,
    "icon": check_icon,
    "clipboard": check_clipboard,
    "notifications": check_notifications,
    "start at login": check_autostart,
}
"""In the order in which their findings are told."""


def examine(
    circumstances: Circumstances, checks: Mapping[str, Check] = CHECKS, patience_s: float = PATIENCE_S
) -> tuple[Finding, ...]:
    """All findings, in the checks' order, after `patience_s` at the latest."""
    running = [_Running(name, check, circumstances) for name, check in checks.items()]
    deadline = time.monotonic() + patience_s
    return tuple(finding for each in running for finding in each.collect(deadline))


class _Running:
    """One check on its thread."""

    def __init__(self, name: str, check: Check, circumstances: Circumstances) -> None:
        self._name = name
        self._findings: tuple[Finding, ...] = (
            Finding(
                name, Status.WARN, "no answer in time", "Something that it asks hangs: try again, then look there."
            ),
        )
        self._thread = threading.Thread(
            target=self._run, args=(check, circumstances), name=f"check-{name}", daemon=True
        )
        self._thread.start()

    def collect(self, deadline: float) -> tuple[Finding, ...]:
        """What it found by then."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        return self._findings

    def _run(self, check: Check, circumstances: Circumstances) -> None:
        try:
            self._findings = tuple(check(circumstances))
        except Exception as error:
            told = f"the check itself failed: {type(error).__name__}: {error}"
            self._findings = (Finding(self._name, Status.WARN, told, "Please report this."),)
