"""What passes between the command line and the running app: one line of JSON each way. Pure.

Request: `{"token", "verb", "values"?, "force"?}`; answer: `{"ok": true, "status": {…}}` or `{"ok": false, "error"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from tray.actions import Change, UserAction
from tray.errors import ControlError
from tray.reading import member, parse, text
from tray.targets import find_target

MAX_LINE = 1 << 20


class Verb(StrEnum):
    """What the running app can be asked."""

    STATUS = "status"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    SHOW = "show"
    QUIT = "quit"
    CHANGE = "change"


_ACTIONS = {
    Verb.STATUS: None,
    Verb.START: UserAction.START,
    Verb.STOP: UserAction.STOP,
    Verb.RESTART: UserAction.RESTART,
    Verb.SHOW: UserAction.SHOW,
    Verb.QUIT: UserAction.END,
}


def write_request(token: str, verb: Verb, values: Mapping[str, object] | None = None, *, force: bool = False) -> bytes:
    """One line; `values` and `force` go with CHANGE."""
    said = {"token": token, "verb": verb.value, "values": dict(values or {}), "force": force}
    return json.dumps(said).encode() + b"\n"


def read_request(line: bytes) -> tuple[str, UserAction | Change | None]:
    """The token shown, and what is wanted; None: only how things stand. Raises ControlError."""
    said = parse(line)
    try:
        verb = Verb(text(member(said, "verb")))
    except ValueError as error:
        raise ControlError(f"there is no verb {member(said, 'verb')!r}") from error
    token = text(member(said, "token"))
    if verb is Verb.CHANGE:
        return token, _read_change(member(said, "values"), is_forced=member(said, "force") is True)
    return token, _ACTIONS[verb]


def write_answer(status: Mapping[str, object]) -> bytes:
    """One line that says how things stand."""
    return json.dumps({"ok": True, "status": status}).encode() + b"\n"


def write_refusal(error: str) -> bytes:
    """One line that says why not."""
    return json.dumps({"ok": False, "error": error}).encode() + b"\n"


def read_answer(line: bytes) -> Mapping[str, object]:
    """How things stand. Raises ControlError with what the app said, or that it makes no sense."""
    said = parse(line)
    status = member(said, "status")
    if member(said, "ok") is True and isinstance(status, Mapping):
        return status
    raise ControlError(text(member(said, "error")) or "the running app's answer makes no sense")


def _read_change(values: object, *, is_forced: bool) -> Change:
    """Checked as if it came from the settings file."""
    if not isinstance(values, Mapping):
        raise ControlError("values must be an object")
    found: list[tuple[str, object]] = []
    for name, value in values.items():
        target = find_target(str(name))
        if target is None:
            raise ControlError(f"there is no setting {name!r}")
        try:
            found.append((target.dotted, None if value is None else target.key.check(value)))
        except ValueError as error:
            raise ControlError(f"{target.dotted} {error}") from error
    return Change(tuple(found), is_forced)
