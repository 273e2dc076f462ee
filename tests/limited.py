"""Programs that may take only so much memory: a real limit, in a process of their own. Linux."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_PROGRAM = """
import os, resource, sys
name, size, *argv = sys.argv[1:]
resource.setrlimit(getattr(resource, name), (int(size), int(size)))
os.execv(argv[0], argv)
"""


def limited(argv: Sequence[str], mebibytes: int, limit: str = "RLIMIT_DATA") -> list[str]:
    """A command line that sets the limit and then becomes the program."""
    return [sys.executable, "-c", _PROGRAM, limit, str(mebibytes << 20), *argv]
