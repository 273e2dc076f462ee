"""Lets the command line speak to this app: a socket on loopback, whose callers must know the instance file's token.

One thread accepts, and one for each caller answers. Invariant: a caller that says nothing, or nonsense, costs nothing
but its thread for a few seconds.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from endpoint.contract import DEFAULT_HOST
from tray.actions import Action, Asked
from tray.control.instance import Instance, forget_instance, write_instance
from tray.control.wire import MAX_LINE, read_request, write_answer, write_refusal
from tray.errors import ControlError, SettingsError
from tray.state import AppState
from tray.status import describe_status

CALL_S = 5.0
ANSWER_S = 10.0
"""How long the controller may take for what is before this in its inbox."""


class ControlServer:
    """A View of the controller only in that it is closed with the others; it asks for the state when it is asked."""

    def __init__(self, path: Path, post: Callable[[Action], None]) -> None:
        self._path = path
        self._post = post
        self._listener: socket.socket | None = None
        self._instance: Instance | None = None

    def start(self) -> None:
        """Listen, and say where. Raises SettingsError where that can't be written, OSError without a loopback."""
        self._listener = socket.create_server((DEFAULT_HOST, 0))
        port = self._listener.getsockname()[1]
        self._instance = Instance(os.getpid(), port, os.urandom(16).hex())
        try:
            write_instance(self._path, self._instance)
        except SettingsError:
            self._listener.close()
            raise
        threading.Thread(target=self._accept, args=(self._listener,), name="control", daemon=True).start()

    def show(self, state: AppState) -> None:
        """Nothing is shown unasked."""

    def close(self) -> None:
        """Listen no more."""
        if self._instance is not None:
            forget_instance(self._path, self._instance)
        if self._listener is not None:
            with contextlib.suppress(OSError):  # wakes the thread that waits in accept
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), name="control-call", daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            caller.settimeout(CALL_S)
            with caller.makefile("rb") as lines:
                caller.sendall(self._answer(lines.readline(MAX_LINE)))

    def _answer(self, line: bytes) -> bytes:
        try:
            token, wish = read_request(line)
            if not self._knows(token):
                return write_refusal("wrong token")
            told: queue.SimpleQueue[AppState] = queue.SimpleQueue()
            self._post(Asked(wish, told.put))
            return write_answer(describe_status(told.get(timeout=ANSWER_S)))
        except ControlError as error:
            return write_refusal(str(error))
        except queue.Empty:
            return write_refusal("the app is too busy to answer")

    def _knows(self, token: str) -> bool:
        told = token.encode(errors="replace")  # JSON may hold half a letter
        return self._instance is not None and _is_same(told, self._instance.token.encode())


def _is_same(told: bytes, known: bytes) -> bool:
    """In a time that doesn't say where they differ. hmac can do that, too, but brings OpenSSL, 4 MB, for it alone."""
    return len(told) == len(known) and not sum(a ^ b for a, b in zip(told, known, strict=True))
