"""Where other conversations would part from this one, in tokens: after the system messages, and before the last turn.

Found by rendering what they would have in common with another user message behind it: no knowledge of any template.
Only for models whose state can't be cut; the others need no boundaries and pay nothing. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from endpoint.conversation import Message, Role, TextPart
from endpoint.errors import RequestError

Encode = Callable[[Sequence[Message]], Sequence[int]]
"""A conversation to prompt tokens. Raises RequestError for messages that the template refuses."""

_PROBE = Message(Role.USER, (TextPart("qzProbeqz"),))
_SYSTEM = frozenset({Role.SYSTEM, Role.DEVELOPER})


def find_boundaries(messages: Sequence[Message], tokens: Sequence[int], encode: Encode) -> tuple[int, ...]:
    """Ascending depths in `tokens`, the prompt of `messages`; none where the template refuses the probe."""
    system = [message for message in messages if message.role in _SYSTEM]
    users = [place for place, message in enumerate(messages) if message.role is Role.USER]
    beginnings = {tuple(system), tuple(messages[: users[-1]]) if users else ()}
    depths = {_common(beginning, tokens, encode) for beginning in beginnings if beginning}
    return tuple(sorted(depths - {0}))


def _common(beginning: Sequence[Message], tokens: Sequence[int], encode: Encode) -> int:
    try:
        probe = encode([*beginning, _PROBE])
    except RequestError:
        return 0
    pairs = zip(tokens, probe, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(tokens), len(probe)))
