"""The view on a terminal: progress while loading, the base URL when ready, the reason when not.

Results go to stdout, everything else to stderr. Called on the controller's thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from endpoint.contract import ExitCode
from tray.menu.header import MARKS
from tray.state import SERVING, AppState, EndpointState


class TerminalView:
    """Prints what changes. Progress and passing states only where a person is looking (a terminal)."""

    def __init__(self, out: TextIO, err: TextIO, log: Path) -> None:
        self._out = out
        self._err = err
        self._log = log
        self._live = err.isatty()
        self._line = ""  # the unfinished progress line
        self._before: AppState | None = None

    def show(self, state: AppState) -> None:
        """Print what is new in this state."""
        before, self._before = self._before, state
        was = before.endpoint if before else None
        if state.notice and state.notice != (before.notice if before else ""):
            self._say(self._err, f"traypoint: {state.notice}")
        if state.endpoint is EndpointState.LOADING:
            self._progress(state)
        elif state.endpoint in SERVING and was not in SERVING:
            self._say(self._out, f"Ready: {state.base_url} (model {state.model_name})")
        elif state.endpoint is EndpointState.WEDGED and was is not EndpointState.WEDGED:
            self._say(self._err, f"traypoint: {state.failure.reason if state.failure else 'the endpoint hangs'}")
        elif state.endpoint is EndpointState.FAILED and (was is not state.endpoint or _final(state) != _final(before)):
            self._fail(state)
        elif state.endpoint in (EndpointState.STOPPING, EndpointState.STOPPED) and was and was is not state.endpoint:
            self._passing(f"{MARKS[state.endpoint]} {state.endpoint.capitalize()}")

    def close(self) -> None:
        """End an unfinished line."""
        self._end_line()

    def _fail(self, state: AppState) -> None:
        if state.failure is None:
            return
        reason = _end_sentence(state.failure.reason)
        if state.retry_in_s is not None:
            text = f"traypoint: {reason} Starting again in {state.retry_in_s:.0f} s."
        else:
            text = f"traypoint: error: {reason} {state.failure.advice}"
        if state.failure.exit_code == ExitCode.FAILURE:
            text = f"{text} Log: {self._log}"
        self._say(self._err, " ".join(text.split()))

    def _progress(self, state: AppState) -> None:
        share = "" if state.progress is None else f" {state.progress:.0%}"
        line = f"{MARKS[state.endpoint]} Loading {state.model_name}…{share}"
        if self._live and line != self._line:
            self._err.write(f"\r\x1b[K{line}")
            self._err.flush()
            self._line = line

    def _passing(self, text: str) -> None:
        if self._live:
            self._say(self._err, text)

    def _say(self, stream: TextIO, text: str) -> None:
        self._end_line()
        stream.write(f"{text}\n")
        stream.flush()

    def _end_line(self) -> None:
        if self._line:
            self._err.write("\r\x1b[K")
            self._err.flush()
            self._line = ""


def _final(state: AppState | None) -> bool:
    return state is not None and state.retry_in_s is None


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
