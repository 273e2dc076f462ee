from __future__ import annotations

from typing import Any

import pytest

from endpoint.errors import InvalidRequest
from endpoint.protocol.anthropic.marks import read_marks

SHORT = {"cache_control": {"type": "ephemeral"}}
LONG = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def body(system: dict[str, Any], last: dict[str, Any], question: str = "Q") -> dict[str, Any]:
    return {
        "system": [{"type": "text", "text": "S", **system}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": question}]},
            {"role": "assistant", "content": "A"},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [], **last}]},
        ],
    }


def test_without_marks_there_is_no_key() -> None:
    assert read_marks(body({}, {})) is None


def test_the_longest_time_counts() -> None:
    short, both = read_marks(body(SHORT, {})), read_marks(body(SHORT, LONG))
    assert short is not None
    assert both is not None
    assert (short.ttl_s, both.ttl_s) == (300, 3600)


def test_marks_that_wander_leave_the_key_and_another_conversation_has_another() -> None:
    wishes = [read_marks(each) for each in (body(SHORT, {}), body({}, SHORT), body(SHORT, {}, "R"))]
    first, second, other = [wish.key for wish in wishes if wish is not None]
    assert first == second != other
    assert first.startswith("anthropic:")


def test_marks_of_tools_and_of_the_whole_count_and_a_tools_input_has_none() -> None:
    assert read_marks({**body({}, {}), "tools": [{"name": "t", "input_schema": {}, **SHORT}]}) is not None
    assert read_marks({**body({}, {}), **LONG}) is not None
    assert read_marks({"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": SHORT}]}]}) is None


def test_a_time_that_makes_no_sense_is_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_marks(body({"cache_control": {"type": "ephemeral", "ttl": "always"}}, {}))
    assert caught.value.param == "cache_control.ttl"


def test_claude_codes_note_for_the_books_names_no_key() -> None:
    def noted(number: int) -> dict[str, Any]:
        note = {"type": "text", "text": f"x-anthropic-billing-header: cc_version=2; cch={number};"}
        return {**body(SHORT, {}), "system": [note, {"type": "text", "text": "S", **SHORT}]}

    assert read_marks(noted(1)) == read_marks(noted(2)) == read_marks(body(SHORT, {}))
