"""The end of a process that the tests can't wait for, since it is no child of theirs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

PATIENCE_S = 20

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to see whether a process is gone"
)


def wait_for_end(pid: int) -> None:
    """Return when the process is gone: killed, it may take a moment. Fails after PATIENCE_S seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while _is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.005)


def _is_running(pid: int) -> bool:
    """Zombies, whose parent is gone, count as ended: whoever adopted them has yet to notice."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
