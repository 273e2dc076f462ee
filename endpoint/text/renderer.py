"""One conversation's way through the model's template: made to fit it, arranged, rendered. Immutable; any thread.

A request's prompt and a key's prefix go this same way, or the one would not begin with the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.conversation import Message, Tool
from endpoint.text.roles import arrange
from endpoint.text.template import ChatTemplate
from endpoint.text.tools.dialect import Dialect
from endpoint.text.tools.fitting import fit_messages


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders with these variables and these tools, `offered` as OpenAI lists them."""

    template: ChatTemplate
    dialect: Dialect
    variables: Mapping[str, object]
    offered: Sequence[Mapping[str, object]]

    def render(self, messages: Sequence[Message], *, open_turn: bool = True, now: dt.datetime | None = None) -> str:
        """The text, open for the assistant's turn; `now`: the time that the template is told (None: the true one).
        Raises InvalidRequest, TemplateFailed."""
        arranged = arrange(fit_messages(messages, self.offered, self.dialect), self.dialect.traits)
        return self.template.render(arranged, self.variables, tools=self.offered, open_turn=open_turn, now=now)


def offer_tools(tools: Sequence[Tool]) -> list[dict[str, object]]:
    """As OpenAI writes them, which is what templates expect."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in tools
    ]
