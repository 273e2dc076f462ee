"""TOML as tomlkit writes it, changed and changed back."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from tests.tray.clients.edits.pace import any_pace
from tray.clients.edits.members import BadDocument
from tray.clients.edits.toml_file import TomlFile

KEYS = st.sampled_from(["model", "a", "model_providers", "x y", "traypoint"])
PLAIN = st.one_of(st.booleans(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"), max_size=20))
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(PLAIN, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
TREES = st.dictionaries(KEYS, VALUES, max_size=4)
PATHS = st.sampled_from([("model",), ("model_providers", "traypoint", "name"), ("model_providers", "name")])


def put(value: dict[str, Any], path: tuple[str, ...], new: str) -> dict[str, Any]:
    inner = new if len(path) == 1 else put(value.get(path[0], {}), path[1:], new)
    return {**value, path[0]: inner}


def leads_through_plain(value: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(value, dict):
            return True
        if step not in value:
            return False
        value = value[step]
    return False


@any_pace
@given(TREES, PATHS, st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_member_is_set_and_taken_back_and_all_else_stays(
    value: dict[str, Any], path: tuple[str, ...], new: str
) -> None:
    text = tomlkit.dumps(value)
    document = TomlFile(text)
    found, depth = document.find(path), document.depth(path)
    if found is not None and isinstance(found.value, dict | list):
        return
    if leads_through_plain(value, path):
        with pytest.raises(BadDocument, match="is not a table"):
            document.put(path, new)
        return
    document.put(path, new)
    assert tomllib.loads(document.text) == put(value, path, new)
    if found is None:
        document.drop(path, depth)
    else:
        document.put_source(path, found.source)
    assert tomllib.loads(document.text) == value
    left = [line for line in document.text.split("\n") if line and line not in text.split("\n")]
    assert not left or [line[0] for line in left] == ["["], "a table that had no head of its own may keep one"
    assert [line for line in document.text.split("\n") if line and line not in left] == list(
        filter(None, text.split("\n"))
    )


def test_tables_of_one_kind_that_stand_apart_are_no_matter() -> None:
    text = '[model_providers.a]\nname = "a"\n\n[tui]\n\n[model_providers.b]\nname = "b"\n'
    document = TomlFile(text)
    document.put(("model_providers", "traypoint", "name"), "t")
    document.put(("model_providers", "traypoint", "url"), "u")
    assert tomllib.loads(document.text)["model_providers"]["traypoint"] == {"name": "t", "url": "u"}
    document.drop(("model_providers", "traypoint", "url"), 2)
    document.drop(("model_providers", "traypoint", "name"), 1)
    assert document.text == text


def test_a_table_that_was_empty_before_stays() -> None:
    document = TomlFile("[model_providers.traypoint]\n")
    document.put(("model_providers", "traypoint", "name"), "t")
    document.drop(("model_providers", "traypoint", "name"), 2)
    assert document.text == "[model_providers.traypoint]\n"


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(BadDocument, match="line 1"):
        TomlFile("a = = 1\n")
