"""What a build says while it runs: ninja's counter on one line of a terminal, or a line now and then in a log.

Pure but for the stream it is given. Owner: the thread that runs the build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TextIO

LOG_EVERY_S = 15.0
_COUNTER = re.compile(r"^\s*\[\s*(\d+)/(\d+)\]\s+(.*)$")
_TARGET = re.compile(r"(?:\s-c\s+|\s-o\s+|Building \w+ object )(\S+)")
_PHASES = (
    ("Installing build dependencies: started", "fetching the build tools"),
    ("Getting requirements to build wheel: started", "asking what the build needs"),
    ("*** Configuring CMake", "looking at the compiler"),
    ("-- Install configuration", "packing"),
    ("*** Making wheel", "packing"),
)


def describe_line(line: str) -> str | None:
    """One line of the build's output -> what is being done now, or None when it tells nothing new."""
    counter = _COUNTER.match(line)
    if counter:
        done, total, command = counter.groups()
        targets = _TARGET.findall(" " + command)
        name = PurePath(targets[-1]).name.removesuffix(".o") if targets else "linking"
        return f"[{done:>{len(total)}}/{total}] {name}"
    return next((told for sign, told in _PHASES if sign in line), None)


def format_elapsed(seconds: float) -> str:
    """62.4 -> "1:02"."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@dataclass(slots=True)
class Progress:
    """Shows where a build stands. Times are seconds since the build's start, told by the caller.

    `columns` is the terminal's width, None for a log.
    """

    stream: TextIO
    columns: int | None
    _doing: str = "starting"
    _shown: str = ""
    _last_s: float = field(default=-LOG_EVERY_S)

    def tell(self, line: str) -> None:
        """Take note of one line of the build's output."""
        self._doing = describe_line(line) or self._doing

    def doing(self, what: str) -> None:
        """Say what is being done where the output doesn't."""
        self._doing = what

    def show(self, now_s: float) -> None:
        """Write where the build stands, if that is new on a terminal, or due in a log."""
        text = f"  {self._doing} · {format_elapsed(now_s)}"
        if self.columns is not None:
            if text != self._shown:
                self.stream.write(f"\r\x1b[K{text[: self.columns - 1]}")
        elif now_s - self._last_s >= LOG_EVERY_S:
            self._last_s = now_s
            self.stream.write(text + "\n")
        self._shown = text
        self.stream.flush()

    def clear(self) -> None:
        """Leave the line empty for whatever is written next."""
        if self.columns is not None:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
