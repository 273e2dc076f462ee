"""The ways in which clients ask for more or less reasoning, as variables for the chat template. Pure.

Templates know them under several names, and one that reads none of them can't answer differently: so all are set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from endpoint.protocol.wire import WireModel

TokenBudget = Annotated[int, Field(ge=-1)]
"""Tokens of reasoning; -1: any number."""


class Thinking(WireModel):
    """`thinking`, as Anthropic, Z.ai and DeepSeek define it; anything but "disabled" turns reasoning on."""

    type: str
    budget_tokens: TokenBudget | None = None


def thinking_variables(
    effort: str | None, enabled: bool | None, thinking: Thinking | None, explicit: Mapping[str, object]
) -> dict[str, object]:
    """The template's variables; `explicit` ones win over what the other fields say."""
    variables: dict[str, object] = {}
    if effort is not None and effort != "none":
        variables["reasoning_effort"] = effort
    if enabled is None and thinking is not None:
        enabled = thinking.type != "disabled"
    if enabled is None and effort == "none":
        enabled = False
    if enabled is not None:
        variables["enable_thinking"] = variables["thinking"] = enabled
        variables["thinking_mode"] = "enabled" if enabled else "disabled"
    return {**variables, **explicit}


def choose_budget(*wished: int | None) -> int | None:
    """The first budget that is stated, in tokens; None for any number."""
    stated = next((budget for budget in wished if budget is not None), -1)
    return None if stated < 0 else stated
