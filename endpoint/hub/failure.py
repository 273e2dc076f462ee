"""The child's errors: a code for programs and a message for people, or a reason to try again."""

from __future__ import annotations

from endpoint.hub_contract import FailureCode


class HubFailure(Exception):
    """Ends the work. `str(error)` says what happened and what to do; no token and no signed address is in it."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Interruption(Exception):
    """An answer ended too early, or wasn't what was asked for; what has come so far may be used."""
