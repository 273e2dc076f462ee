"""How much RAM held prefixes may take when the user doesn't say. Pure."""

from __future__ import annotations

SHARE = 4
"""The budget is this part of the memory that is available at the start."""
LARGEST = 8 << 30


def choose_budget(available_bytes: int) -> int:
    """Bytes: a quarter of what is available, 8 GiB at most."""
    return min(available_bytes // SHARE, LARGEST)
