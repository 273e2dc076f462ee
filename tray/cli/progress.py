"""A download on a terminal: one line that is drawn over itself, or a line now and then where nobody looks on."""

from __future__ import annotations

import shutil
from typing import TextIO

from tray.downloads.download import Download, DownloadState
from tray.downloads.words import describe_progress, draw_bar, find_percent

_USUAL = (80, 24)
_STEP_PERCENT = 10
_ERASE_REST = "\x1b[K"


class TerminalBar:
    """Draws on `out`, which is a terminal. What was there before is overwritten, never blanked first: no flicker."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._line = ""
        self._note = ""
        self._is_plain = not _can_write(out, "█░…")

    def show(self, download: Download) -> None:
        """Draw it, if it looks different from the last time."""
        if download.note != self._note:
            self._note = download.note
            self._write(f"{download.note}{_ERASE_REST}\n")
        if not download.total_bytes:
            return
        # A full last column makes some terminals begin a new line.
        line = draw_bar(download, shutil.get_terminal_size(_USUAL).columns - 1, is_plain=self._is_plain)
        if line != self._line:
            self._line = line
            self._write(f"{line}{_ERASE_REST}")

    def close(self) -> None:
        """The bar stays as it was last, and what is printed next stands below it."""
        if self._line:
            self._out.write("\n")
            self._out.flush()
            self._line = ""

    def _write(self, text: str) -> None:
        self._out.write(f"\r{text}")
        self._out.flush()


class LineView:
    """A line for the note, for each tenth, and for what is waited for."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._said = ""
        self._step = -1

    def show(self, download: Download) -> None:
        """Say what is new enough."""
        if download.note and self._step < 0:
            self._say(download.note)
        if download.waiting:
            self._say(f"{download.title}: {download.waiting}")
        step = find_percent(download) // _STEP_PERCENT
        if download.state is DownloadState.RUNNING and download.total_bytes and step != self._step:
            self._step = step
            self._say(f"{download.title}: {describe_progress(download)}")

    def close(self) -> None:
        """Each line is complete."""

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._out.write(f"{line}\n")
            self._out.flush()


def _can_write(out: TextIO, text: str) -> bool:
    try:
        text.encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
