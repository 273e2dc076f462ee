"""What this machine offers: cores and memory. Reads only."""

from __future__ import annotations

import psutil

from endpoint.memory_limits import read_limits


def count_threads() -> int:
    """Physical cores that this process may use: a second thread on a core gains nothing in matrix products."""
    physical = psutil.cpu_count(logical=False) or 1
    return max(1, min(physical, _usable_cores()))


def available_memory() -> int:
    """Bytes that this process can take without swapping, and without meeting a limit that is set for it."""
    return min([int(psutil.virtual_memory().available), *(limit.left_bytes for limit in read_limits())])


def total_memory() -> int:
    """Bytes that this process could have if it had the machine, or what limits leave of it, for itself."""
    return min([int(psutil.virtual_memory().total), *(limit.limit_bytes for limit in read_limits())])


def _usable_cores() -> int:
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):  # not on macOS
        return len(process.cpu_affinity() or [0])
    return psutil.cpu_count(logical=True) or 1
