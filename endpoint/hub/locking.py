"""One writer a content: the lock that huggingface_hub takes, too."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import Timeout
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]  # exported without saying so

_LOOK_EVERY_S = 0.3
_AT_ONCE_S = 0.01


@contextlib.contextmanager
def hold(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock. `waiting` is called while another has it, and may raise to give up. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        while not _take(stack, path, _LOOK_EVERY_S):
            waiting()
        yield


@contextlib.contextmanager
def hold_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock; False: another has it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        yield _take(stack, path, _AT_ONCE_S)


def _take(stack: contextlib.ExitStack, path: Path, timeout_s: float) -> bool:
    try:
        stack.enter_context(WeakFileLock(path, timeout=timeout_s))
    except Timeout:
        return False
    return True
