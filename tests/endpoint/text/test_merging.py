from __future__ import annotations

import pytest

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.keycontent import KeyContent
from endpoint.text.merging import merge_content
from tests.endpoint.text.conversing import system, user

NOTHING = KeyContent()
RULES = KeyContent((system("Be brief."),), (Tool("look"), Tool("write")), {"effort": "low"}, opens_turn=True)


def test_messages_are_appended_and_system_messages_stay_apart() -> None:
    merged = merge_content(RULES, KeyContent((system("Be kind."), user("Hi"))))
    assert merged.messages == (system("Be brief."), system("Be kind."), user("Hi"))


def test_a_tool_that_is_given_again_takes_its_old_place() -> None:
    merged = merge_content(RULES, KeyContent(tools=(Tool("read"), Tool("look", "Look closely."))))
    assert merged.tools == (Tool("look", "Look closely."), Tool("write"), Tool("read"))


def test_a_variable_takes_its_new_value() -> None:
    assert merge_content(RULES, KeyContent(variables={"effort": "high", "x": 1})).variables == {
        "effort": "high",
        "x": 1,
    }


@pytest.mark.parametrize("nothing", [NOTHING, KeyContent(tokens=())])
@pytest.mark.parametrize("content", [NOTHING, RULES, KeyContent(tokens=(1, 2))])
def test_what_adds_nothing_changes_nothing(content: KeyContent, nothing: KeyContent) -> None:
    assert merge_content(content, nothing) == content


def test_the_turn_is_open_only_behind_all_that_was_said() -> None:
    assert not merge_content(RULES, KeyContent((user("Hi"),))).opens_turn
    assert not merge_content(RULES, KeyContent(variables={"effort": "high"})).opens_turn
    assert merge_content(NOTHING, KeyContent((user("Hi"),), opens_turn=True)).opens_turn
    assert merge_content(KeyContent((user("Hi"),)), KeyContent(opens_turn=True)).opens_turn


def test_raw_tokens_are_appended_to_raw_tokens_alone() -> None:
    assert merge_content(KeyContent(tokens=(1, 2)), KeyContent(tokens=(3,))).tokens == (1, 2, 3)
    assert merge_content(NOTHING, KeyContent(tokens=(3,))).tokens == (3,)
    for content, more in ((RULES, KeyContent(tokens=(3,))), (KeyContent(tokens=(3,)), RULES)):
        with pytest.raises(InvalidRequest, match="either for raw tokens or for a conversation"):
            merge_content(content, more)
