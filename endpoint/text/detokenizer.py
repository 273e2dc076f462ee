"""Tokens -> text, one token at a time. Pure; one instance a sequence."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from types import MappingProxyType

NOTHING_SHOWN: Mapping[int, bytes] = MappingProxyType({})


class Detokenizer:
    """Joins token bytes and gives out whole characters only: a token may end inside a UTF-8 sequence, and a character
    that is still unfinished when the answer ends is left out. `shown`: text of control tokens, which have none else."""

    def __init__(self, piece: Callable[[int], bytes], shown: Mapping[int, bytes] = NOTHING_SHOWN) -> None:
        self._piece = piece
        self._shown = shown
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, token: int) -> str:
        """The text that this token completes; empty while a character is unfinished."""
        return self._decoder.decode(self._piece(token) or self._shown.get(token, b""))
