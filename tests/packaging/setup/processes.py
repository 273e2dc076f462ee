"""Whether a process of the tests is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to see whether a process is gone"
)


def is_running(pid: int) -> bool:
    """Zombies, whose parent is gone, count as ended: whoever adopted them has yet to notice."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
