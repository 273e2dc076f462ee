"""The command line's end of the channel: finds the running app and asks it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from endpoint.contract import DEFAULT_HOST
from tray.control.instance import Instance, is_alive, read_instance
from tray.control.wire import MAX_LINE, Verb, read_answer, write_request
from tray.errors import ControlError

CONNECT_S = 2.0
ANSWER_S = 15.0


def find_running(path: Path) -> Instance | None:
    """The app that runs, by its instance file; None where nothing answers that knows the token. A file that was left
    over is told by its process at once: another program may have the port by now, and keep us waiting.
    """
    instance = read_instance(path)
    if instance is None or not is_alive(instance):
        return None
    try:
        ask(instance, Verb.STATUS)
    except ControlError:
        return None
    return instance


def ask(
    instance: Instance, verb: Verb, values: Mapping[str, object] | None = None, *, force: bool = False
) -> Mapping[str, object]:
    """Have it done, and learn how things stand then. Raises ControlError."""
    try:
        with socket.create_connection((DEFAULT_HOST, instance.port), CONNECT_S) as connection:
            connection.settimeout(ANSWER_S)
            connection.sendall(write_request(instance.token, verb, values, force=force))
            with connection.makefile("rb") as lines:
                line = lines.readline(MAX_LINE)
    except OSError as error:
        raise ControlError(f"the running app (pid {instance.pid}) doesn't answer: {error}") from error
    return read_answer(line)
