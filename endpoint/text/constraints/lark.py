"""Writes grammars in llguidance's Lark. Pure; one LarkWriter a grammar.

Invariant: text of others (names, values, marks) gets in only through `literal` and `json`, which quote it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from endpoint.text.constraints.schemas import prepare

NOTHING = ""
"""An expression that matches the empty text."""


class LarkWriter:
    """`controls`: the text of each control token that may stand in a literal."""

    def __init__(self, controls: Mapping[str, int]) -> None:
        self._controls = dict(controls)
        marks = sorted(filter(None, self._controls), key=len, reverse=True)
        self._split = re.compile(f"({'|'.join(map(re.escape, marks))})") if marks else None
        self._rules: list[str] = []

    def literal(self, text: str) -> str:
        """Just this text."""
        pieces = self._split.split(text) if self._split else [text]
        return join(
            f"<[{self._controls[piece]}]>" if piece in self._controls else json.dumps(piece, ensure_ascii=False)
            for piece in pieces
            if piece
        )

    def begins_with_control(self, text: str) -> bool:
        """Whether a literal of this text begins with a control token, which no other text can contain."""
        return any(text.startswith(mark) for mark in self._controls if mark)

    def json(self, schema: Mapping[str, object]) -> str:
        """JSON that fits the schema. Raises SchemaRefused."""
        return f"%json {json.dumps(prepare(schema))}"

    def rule(self, expression: str) -> str:
        """A name for an expression."""
        name = f"r{len(self._rules)}"
        self._rules.append(f"{name}: {expression or NOTHING}")
        return name

    def terminal(self, expression: str) -> str:
        """A name for an expression of regular expressions, matched as one piece."""
        name = f"T{len(self._rules)}"
        self._rules.append(f"{name}: {expression}")
        return name

    def choice(self, expressions: Iterable[str]) -> str:
        """One of them."""
        return self.rule(" | ".join(expressions))

    def optional(self, text: str) -> str:
        """This text, or nothing."""
        return f"{self.literal(text)}?"

    def finish(self, expression: str) -> str:
        """The whole grammar."""
        return "\n".join(("%llguidance {}", f"start: {expression}", *self._rules, ""))


def join(expressions: Iterable[str]) -> str:
    """One after the other."""
    return " ".join(filter(None, expressions))


def quote_regex(text: str) -> str:
    """A regular expression, without slashes, for just this text."""
    return "".join(char if char.isalnum() else f"\\x{{{ord(char):x}}}" for char in text)
