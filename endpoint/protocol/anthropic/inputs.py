"""A call's arguments on their way to clients that want a JSON object, whatever the model wrote. Pure.

Anthropic's clients parse what has come so far with every piece, and break on what can't become JSON. So a piece goes
out only once all text up to its end is the beginning of an object. A call that isn't: what had gone out stays, cut
short, as after a token limit; where nothing had, its input is `{"_raw": text}`, and nothing is lost.
"""

from __future__ import annotations

import orjson
import pydantic_core

_SHARE = 32
"""A piece is checked when it is at least this share of what went out: each check reads everything from the start."""


class InputPieces:
    """One call's arguments as they come."""

    def __init__(self) -> None:
        self._out = ""
        self._held = ""
        self._is_broken = False

    def feed(self, text: str) -> str:
        """What may go out now; empty for nothing yet."""
        self._held += text
        if self._is_broken or len(self._held) * _SHARE < len(self._out):
            return ""
        return self._release()

    def finish(self) -> str:
        """What is left to go out, at the call's end."""
        last = "" if self._is_broken else self._release()
        raw = self._held if self._is_broken and not self._out else ""
        return last or (wrap_raw(raw).decode() if raw else "")

    def _release(self) -> str:
        whole = self._out + self._held
        if not whole.strip():
            return ""
        if not _begins_object(whole):
            self._is_broken = True
            return ""
        piece, self._out, self._held = self._held, whole, ""
        return piece


def write_input(arguments: str) -> orjson.Fragment:
    """A whole call's input as JSON: the model's own text where it is an object."""
    if not arguments.strip():
        return orjson.Fragment(b"{}")
    try:
        is_object = isinstance(orjson.loads(arguments), dict)
    except orjson.JSONDecodeError:
        is_object = False
    return orjson.Fragment(arguments.encode() if is_object else wrap_raw(arguments))


def wrap_raw(text: str) -> bytes:
    """What stands for arguments that are no object."""
    return orjson.dumps({"_raw": text})


def _begins_object(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    try:
        pydantic_core.from_json(text, allow_partial=True)
    except ValueError:
        return False
    return True
