"""YAML of block style, as PyYAML writes it, changed and changed back."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.tray.clients.edits.pace import any_pace
from tray.clients.edits.members import BadDocument, Item
from tray.clients.edits.yaml_file import YamlFile
from tray.clients.values import Value

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30) | st.sampled_from(
    ["two\nlines\n", "model: x", "- a", "# no", "", "~", "trailing "]
)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
KEYS = st.sampled_from(["model", "a", "b", "models", "x y"])
ITEMS = st.fixed_dictionaries({"name": st.sampled_from(["a", "b", "ours"])}, optional={"x": VALUES})
NEW: Value = {"name": "ours", "roles": ["chat"], "options": {"n": 1}}


def write(value: Any, inset: int) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=False, allow_unicode=True, indent=inset, sort_keys=False)
    return text if value else ""


@any_pace
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.integers(2, 4), TEXTS)
def test_a_root_key_is_set_and_taken_back_and_all_else_stays(value: dict[str, Any], inset: int, new: str) -> None:
    text = write(value, inset)
    document = YamlFile(text)
    found = document.find(("model",))
    if found is not None and (isinstance(found.value, list | dict) or found.source.startswith(("|", ">"))):
        with pytest.raises(BadDocument, match="model is no plain value"):
            document.put(("model",), new)
        return
    document.put(("model",), new)
    assert yaml.safe_load(document.text) == {**value, "model": new}
    if found is None:
        document.drop(("model",), 0)
        assert document.text == text
    else:
        document.put_source(("model",), found.source)
        assert yaml.safe_load(document.text) == value


@any_pace
@given(st.dictionaries(KEYS, VALUES, max_size=3), st.lists(ITEMS, max_size=3), st.integers(2, 4))
def test_an_item_is_set_and_taken_back_and_all_else_stays(rest: dict[str, Any], items: list[Any], inset: int) -> None:
    value = {**rest, "models": items}
    text = write(value, inset)
    document = YamlFile(text)
    path = ("models", Item("name", "ours"))
    found, depth = document.find(path), document.depth(path)
    document.put(path, NEW)
    assert NEW in yaml.safe_load(document.text)["models"]
    assert {key: each for key, each in yaml.safe_load(document.text).items() if key != "models"} == {
        key: each for key, each in value.items() if key != "models"
    }
    if found is None:
        document.drop(path, depth)
    else:
        document.put_source(path, found.source)
    assert document.text == text


def test_the_last_item_of_a_list_that_was_not_there_takes_its_key_with_it() -> None:
    document = YamlFile("a: 1\n")
    document.put(("models", Item("name", "ours")), NEW)
    document.drop(("models", Item("name", "ours")), 0)
    assert document.text == "a: 1\n"


@pytest.mark.parametrize("text", ["model: >\n  folded\n", "model: [a]\n", "model:\n  a: b\n"])
def test_what_is_no_plain_value_is_not_replaced(text: str) -> None:
    with pytest.raises(BadDocument, match="model is no plain value"):
        YamlFile(text).put(("model",), "x")
