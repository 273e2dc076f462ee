"""A prompt that ends inside the assistant's last message, so that the answer goes on with it. Pure.

As transformers does it: a mark behind the message's text shows where the rendered prompt must end, whatever the
template writes after it. The text is kept to the last blank: the reader joins it with the answer, and they must fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart
from endpoint.errors import InvalidRequest

_MARK = "qzHereqz"
Render = Callable[[Sequence[Message]], str]
"""A conversation as text, closed: not open for a new turn. Raises RequestError."""


def render_open(messages: Sequence[Message], render: Render) -> str:
    """The prompt up to the end of the last message's text. Raises InvalidRequest when it is no assistant's message with
    text alone, or the template leaves it out."""
    last = messages[-1]
    if last.role is not Role.ASSISTANT or last.tool_calls:
        raise InvalidRequest(
            "Only a last message of the assistant's, without tool calls, can be continued.", "messages"
        )
    text = "\n".join(part.text for part in last.parts if isinstance(part, TextPart))
    if any(not isinstance(part, TextPart) for part in last.parts):
        raise InvalidRequest("Only a message of text can be continued.", "messages")
    rendered = render([*messages[:-1], replace(last, parts=(TextPart(text + _MARK),))])
    before, mark, _ = rendered.rpartition(_MARK)
    if not mark:
        raise InvalidRequest("The model's chat template leaves out the message that is to be continued.", "messages")
    return before
