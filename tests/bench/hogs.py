"""Busy processes beside the server, as a desktop has them. Owner: whoever enters the block; it ends them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

_SPIN = "import sys\nprint(flush=True)\nwhile True: pass"


@contextlib.contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """`count` processes of ordinary priority that spin, from the first moment of the block to its end."""
    with contextlib.ExitStack() as stack:
        hogs = [
            stack.enter_context(subprocess.Popen([sys.executable, "-S", "-c", _SPIN], stdout=subprocess.PIPE))
            for _ in range(count)
        ]
        try:
            for hog in hogs:
                assert hog.stdout is not None
                hog.stdout.readline()
            yield
        finally:
            for hog in hogs:
                hog.kill()
