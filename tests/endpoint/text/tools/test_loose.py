from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.text.tools.loose import MAX_DEPTH, parse_keywords, parse_loose

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': None, 'b': [True, 1.5]}", {"a": None, "b": [True, 1.5]}),
        ('{num:-7,s:<|"|>it\'s {b}<|"|>,on:true}', {"num": -7, "s": "it's {b}", "on": True}),
        ("['it\\'s', \"a\\n\\u00e9\\x41\"]", ["it's", "a\né" + "A"]),
        ("('a', 'b')", ["a", "b"]),
        ("{}", {}),
        ("word", "word"),
    ],
)
def test_what_is_nearly_json_is_read(text: str, value: object) -> None:
    assert parse_loose(text) == value


@pytest.mark.parametrize("text", ["{'a'}", "[1", "'a", '<|"|>a', "{a:}", "1 2", "", "]", "[" * (MAX_DEPTH + 2)])
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|end|value|unexpected|deep"):
        parse_loose(text)


def test_keyword_arguments_are_read() -> None:
    assert parse_keywords("a=1, b = 'x)', c={\"d\": [2]}") == {"a": 1, "b": "x)", "c": {"d": [2]}}
    assert parse_keywords("") == {}
    with pytest.raises(ValueError, match="no value"):
        parse_keywords("'a'")


@settings(max_examples=60, deadline=None)
@given(JSON_VALUES)
def test_json_is_read_as_json(value: object) -> None:
    assert parse_loose(json.dumps(value)) == json.loads(json.dumps(value))


@settings(max_examples=60, deadline=None)
@given(JSON_VALUES)
def test_pythons_notation_is_read(value: object) -> None:
    assert parse_loose(repr(value)) == value


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="{}[]()'\",:=a1\\<|> ", max_size=20))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    for parse in (parse_loose, parse_keywords):
        with contextlib.suppress(ValueError):
            parse(text)
