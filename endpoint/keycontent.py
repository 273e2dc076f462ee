"""What a prompt-cache key stands for, in its callers' words: what a later update appends to. A value; no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.conversation import Message, Tool


@dataclass(frozen=True, slots=True)
class KeyContent:
    """A conversation so far and its tools, or else raw `tokens`, which then are all there is.

    `opens_turn`: the assistant's turn is opened behind it. `variables`: for the template, as a chat request's.
    """

    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    tokens: tuple[int, ...] | None = None
    opens_turn: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not self.messages and not self.tools and not self.tokens
