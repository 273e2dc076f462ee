"""What the verbs that speak to the running app share: finding it, asking it, and waiting until it has done it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping

from endpoint.contract import ExitCode
from tray.control.client import ask, find_running
from tray.control.instance import Instance
from tray.control.wire import Verb
from tray.errors import ControlError
from tray.paths import Paths
from tray.reading import member, text

Status = Mapping[str, object]
POLL_S = 0.1
_PASSING = frozenset({"loading", "stopping", "wedged"})


def find_app(paths: Paths) -> Instance | None:
    """The running app; None where there is none."""
    return find_running(paths.instance_file)


def wait_until_settled(
    instance: Instance, status: Status, look: Callable[[Instance], Status] | None = None, pause_s: float = POLL_S
) -> Status:
    """How things stand once nothing is under way any more; on a terminal each step is shown. Raises ControlError."""
    progress = Progress()
    while is_passing(status):
        progress.show(first_line(status))
        time.sleep(pause_s)
        try:
            status = look(instance) if look else ask(instance, Verb.STATUS)
        except ControlError as error:  # an app without an icon ends with an endpoint that can't run
            progress.end()
            raise ControlError(f"{error}. If it has ended, `traypoint logs` tells why") from error
    progress.end()
    return status


def is_passing(status: Status) -> bool:
    """Whether something else is going to follow by itself."""
    waits_to_retry = status.get("state") == "failed" and status.get("retry_in_s") is not None
    return waits_to_retry or status.get("state") in _PASSING


def first_line(status: Status) -> str:
    """The menu's first line."""
    lines = status.get("lines")
    return text(lines[0]) if isinstance(lines, list) and lines else text(status.get("state"))


def check_outcome(status: Status) -> Status:
    """The same status, if the endpoint serves. Raises ControlError with the reason why it doesn't."""
    if status.get("state") in ("ready", "busy"):
        return status
    reason = text(member(status.get("failure"), "reason"))
    advice = text(member(status.get("failure"), "advice"))
    raise ControlError(" ".join(part for part in (reason or "the endpoint doesn't run.", advice) if part))


def tell_notice(status: Status) -> None:
    """Say what the app has to say beside its state: a new API key, say, or that the settings can't be written."""
    notice = text(status.get("notice"))
    if notice:
        print(f"traypoint: {notice}", file=sys.stderr)


def tell_url(status: Status) -> int:
    """Say where it serves, as `run` does; the exit code."""
    print(f"Ready: {status.get('base_url')} (model {status.get('model')})")
    return ExitCode.OK


class Progress:
    """One line on a terminal that is written over; nothing elsewhere."""

    def __init__(self) -> None:
        self._line = ""

    def show(self, line: str) -> None:
        """This line instead of the last."""
        if sys.stderr.isatty() and line != self._line:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._line = line

    def end(self) -> None:
        """Leave the terminal clean."""
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
