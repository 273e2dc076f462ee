"""llama.cpp's log: its errors are kept as reasons for our messages, the rest goes to Python's logging.

One collector may be installed at a time: the library has one callback for the whole process.
"""

from __future__ import annotations

import ctypes
import logging
from collections import deque
from typing import ClassVar

import llama_cpp.llama_cpp as ll

_LOGGER = logging.getLogger(__name__)
_ERROR = 4
_LEVELS = {2: logging.DEBUG, 3: logging.INFO, _ERROR: logging.INFO}
"""ggml_log_level -> ours; llama.cpp is chatty at info: our debug. Others (none, debug, continue) are dropped.

Its errors are no errors of ours yet: who called the library says what they mean, with `last_error` as the reason."""


class LogCollector:
    """Takes llama.cpp's lines on whatever thread it logs from."""

    _receiver: ClassVar[object] = None  # the library calls it to the end of the process, whoever has closed a model

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=8)
        self._callback = ll.llama_log_callback(self._take)

    def install(self) -> None:
        """Become the process's receiver."""
        ll.llama_log_set(self._callback, ctypes.c_void_p(0))
        LogCollector._receiver = self._callback

    def last_error(self) -> str | None:
        """The first of the latest errors: llama.cpp prints the cause first and then what failed because of it."""
        return self._errors[0] if self._errors else None

    def forget(self) -> None:
        """Drop the errors seen so far."""
        self._errors.clear()

    def _take(self, level: int, text: bytes, _user_data: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        if not line or level not in _LEVELS:
            return
        if level == _ERROR:
            self._errors.append(line)
        _LOGGER.log(_LEVELS[level], "%s", line)
