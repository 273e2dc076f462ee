"""JSON with comments, changed at random places and in all kinds of writing."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tray.clients.edits.pace import any_pace
from tray.clients.edits.json_file import JsonFile
from tray.clients.edits.json_text import parse
from tray.clients.edits.members import BadDocument, Item

KEYS = st.sampled_from(["a", "b", "env", "x y", 'q"', "é"])
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
BLANKS = ("", " ", "\n", "\n  ", "\t", " /* , } */ ", '\n// ] "\n', "\r\n    ")
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


def write(value: Any, at_random: Random) -> str:
    """One of the ways to write the value."""

    def blank() -> str:
        return at_random.choice(BLANKS)

    if isinstance(value, dict):
        members = ((json.dumps(key), write(each, at_random)) for key, each in value.items())
        parts = [f"{blank()}{key}{blank()}:{blank()}{each}{blank()}" for key, each in members]
    elif isinstance(value, list):
        parts = [f"{blank()}{write(each, at_random)}{blank()}" for each in value]
    else:
        return json.dumps(value, ensure_ascii=at_random.random() < 0.5)
    trailing = f",{blank()}" if parts and at_random.random() < 0.5 else blank()
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}{','.join(parts)}{trailing}{closing}"


def make_file(value: dict[str, Any], seed: int) -> tuple[dict[str, Any], str]:
    at_random = Random(seed)
    return value, f"{at_random.choice(BLANKS)}{write(value, at_random)}{at_random.choice(BLANKS)}"


FILES = st.builds(make_file, st.dictionaries(KEYS, VALUES, max_size=4), st.integers(0, 1 << 32))


def leads_through_plain(value: Any, path: tuple[str, ...]) -> bool:
    for step in path[:-1]:
        if not isinstance(value, dict):
            return True
        if step not in value:
            return False
        value = value[step]
    return not isinstance(value, dict)


def put(value: dict[str, Any], path: tuple[str, ...], new: Any) -> dict[str, Any]:
    inner = new if len(path) == 1 else put(value.get(path[0], {}), path[1:], new)
    return {**value, path[0]: inner}


@any_pace
@given(FILES)
def test_whatever_the_writing_the_values_are_read(file: tuple[dict[str, Any], str]) -> None:
    value, text = file
    assert parse(text).value == value


@any_pace
@given(FILES, PATHS, VALUES)
def test_a_member_is_set_and_nothing_else_changes(
    file: tuple[dict[str, Any], str], path: tuple[str, ...], new: Any
) -> None:
    value, text = file
    document = JsonFile(text)
    if leads_through_plain(value, path):
        with pytest.raises(BadDocument):
            document.put(path, new)
        return
    document.put(path, new)
    assert parse(document.text).value == put(value, path, new)


@any_pace
@given(FILES, PATHS, VALUES)
def test_a_member_taken_back_leaves_the_text_as_it_was(
    file: tuple[dict[str, Any], str], path: tuple[str, ...], new: Any
) -> None:
    value, text = file
    document = JsonFile(text)
    if leads_through_plain(value, path):
        return
    found, depth = document.find(path), document.depth(path)
    document.put(path, new)
    if found is None:
        document.drop(path, depth)
    else:
        document.put_source(path, found.source)
    assert parse(document.text).value == value
    assert squeeze(document.text) == squeeze(text)


def squeeze(text: str) -> str:
    """Without blanks: those in a container that was empty are not kept."""
    return "".join(text.split())


def test_of_two_members_with_one_key_the_last_counts_as_for_every_reader() -> None:
    document = JsonFile('{"a": 1, "a": 2}')
    document.put(("a",), 3)
    assert document.text == '{"a": 1, "a": 3}'


def test_an_item_is_known_by_a_member() -> None:
    document = JsonFile('[\n  {"name": "a"},\n  {"name": "b", "x": 1}\n]')
    assert document.find((Item("name", "b"),)) is not None
    document.drop((Item("name", "b"),), 0)
    assert document.text == '[\n  {"name": "a"}\n]'


def test_a_comment_before_ours_stays_when_ours_goes() -> None:
    document = JsonFile('{\n  "a": 1,\n  // about b\n  "b": 2\n}')
    document.drop(("b",), 0)
    assert document.text == '{\n  "a": 1\n  // about b\n}'


@pytest.mark.parametrize("text", ['{"a": ' + "9" * 5000 + "}", '{"a": "\\x"}', '{"\\u12": 1}'])
def test_values_that_python_cannot_take_in_are_told_with_their_place(text: str) -> None:
    with pytest.raises(BadDocument, match=r"line 1, column \d: a text or a number that isn't allowed"):
        JsonFile(text)
