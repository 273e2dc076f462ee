from __future__ import annotations

from typing import Any

import pytest

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, ToolChoice
from endpoint.protocol.anthropic.tools import Offer, WireChoice, WireTool, read_tools

SCHEMA = {"type": "object"}
WEATHER = {"name": "weather", "description": "Weather", "input_schema": SCHEMA}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}
SERVER = {"type": "mcp_toolset", "mcp_server_name": "x"}


def read(tools: list[dict[str, Any]], choice: dict[str, Any] | None = None) -> Offer:
    wire = [WireTool.model_validate(tool) for tool in tools]
    return read_tools(wire, None if choice is None else WireChoice.model_validate(choice))


def test_the_client_s_own_tools_are_offered_and_anthropic_s_skipped() -> None:
    offer = read([SEARCH, WEATHER, {**WEATHER, "type": "custom", "name": "other"}, SERVER])
    assert offer.tools[0] == Tool("weather", "Weather", SCHEMA)
    assert [tool.name for tool in offer.tools] == ["weather", "other"]
    assert (offer.choice, offer.parallel_calls) == (AUTO, True)


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"type": "auto"}, AUTO),
        ({"type": "any"}, ToolChoice(must_call=True)),
        ({"type": "tool", "name": "weather"}, ToolChoice(must_call=True, only=("weather",))),
    ],
)
def test_a_choice_is_ours(choice: dict[str, Any], wanted: ToolChoice) -> None:
    offer = read([WEATHER], choice)
    assert (offer.choice, offer.parallel_calls) == (wanted, True)
    assert not read([WEATHER], {**choice, "disable_parallel_tool_use": True}).parallel_calls


def test_none_offers_nothing() -> None:
    assert read([WEATHER], {"type": "none"}).tools == ()


@pytest.mark.parametrize(
    ("tools", "choice", "param"),
    [
        ([SEARCH], {"type": "any"}, "tool_choice"),
        ([SEARCH, WEATHER], {"type": "tool", "name": "web_search"}, "tool_choice.name"),
        ([WEATHER], {"type": "tool"}, "tool_choice.name"),
        ([{"name": "x"}], None, "tools[0].input_schema"),
        ([WEATHER, {"input_schema": {}}], None, "tools[1].name"),
    ],
)
def test_what_can_t_be_met_is_refused_by_name(
    tools: list[dict[str, Any]], choice: dict[str, Any] | None, param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(tools, choice)
    assert caught.value.param == param
