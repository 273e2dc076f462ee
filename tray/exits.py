"""What a process's end means, in words. Pure."""

from __future__ import annotations

import signal

from endpoint.contract import ExitCode
from tray.actions import ChildBindFailed, ChildExited
from tray.state import Failure

ERROR_MARK = "error: "
"""`traypoint-endpoint: error: …` is how the endpoint says its last word."""

FATAL = frozenset({ExitCode.USAGE, ExitCode.MODEL, ExitCode.PROVIDER, ExitCode.SETTINGS, ExitCode.BIND})
"""Exit codes that another try would only repeat."""


def describe_exit(exited: ChildExited) -> Failure:
    """The failure that an endpoint's unasked exit amounts to."""
    word = (exited.last_error or "").strip()
    if exited.code in FATAL and word:
        return Failure(word.partition(ERROR_MARK)[2] or word, exit_code=exited.code)
    how = _name_exit(exited.code)
    out_of_memory = exited.code == -9 and not word
    advice = "Perhaps the system ran out of memory: try a smaller model or --ctx-size." if out_of_memory else ""
    reason = f"The endpoint {how}: {word}" if word else f"The endpoint {how}."
    return Failure(reason, advice, exited.code if exited.code in FATAL else ExitCode.FAILURE)


def describe_bind(failed: ChildBindFailed, host: str, port: int) -> Failure:
    """Why the address could not be bound; for a port in use who holds it, where known, and a free one as an offer."""
    if not failed.is_in_use:
        return Failure(failed.text, exit_code=ExitCode.BIND)
    holder = f" by {failed.holder}" if failed.holder else ""
    offer = f": --port {failed.free_port} is free." if failed.free_port else " with --port."
    advice = f"Stop what uses it, or choose another port{offer}"
    return Failure(f"Port {port} on {host} is in use{holder}.", advice, ExitCode.BIND, failed.free_port)


def _name_exit(code: int) -> str:
    if code >= 0:
        return "crashed with exit code " + (hex(code) if code > 0xFFFF else str(code)) if code else "exited unasked"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
