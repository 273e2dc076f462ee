"""What a value may be, as TOML has it and from a text."""

from __future__ import annotations

import os

import pytest

from tray.values import Decimals, Range, Words, check_url, read_folders, read_switch


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 0])
def test_only_whole_numbers_in_range_pass(value: object) -> None:
    with pytest.raises(ValueError, match="must be a whole number of at least 1, not"):
        Range(1, None).check(value)


@pytest.mark.parametrize(("value", "expected"), [(0, 0.0), (0.25, 0.25), (2, 2.0)])
def test_a_number_may_be_whole(value: object, expected: float) -> None:
    found = Decimals(0, 2).check(value)
    assert (found, type(found)) == (expected, float)


@pytest.mark.parametrize("value", [True, -0.1, 2.5, float("nan"), float("inf"), "1", None])
def test_only_numbers_in_range_pass(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be a number from 0 to 2, not"):
        Decimals(0, 2).check(value)


@pytest.mark.parametrize("text", ["", "hot", "nan", "1,5", "3"])
def test_a_text_that_is_no_such_number_is_told_as_it_was_written(text: str) -> None:
    with pytest.raises(ValueError, match=f"not '{text}'"):
        Decimals(0, 2).read(text)


def test_a_word_is_read_in_capitals_too() -> None:
    assert Words(("f16", "q8_0")).read(" Q8_0 ") == "q8_0"
    with pytest.raises(ValueError, match="must be one of f16, q8_0, not 'Q8_0'"):
        Words(("f16", "q8_0")).check("Q8_0")


@pytest.mark.parametrize(
    ("text", "value"), [("on", True), ("Yes", True), (" true ", True), ("off", False), ("0", False)]
)
def test_a_switch_is_read_in_the_words_that_people_use(text: str, value: bool) -> None:
    assert read_switch(text) is value


def test_a_word_that_is_no_switch_is_refused() -> None:
    with pytest.raises(ValueError, match="must be true or false, not 'maybe'"):
        read_switch("maybe")


@pytest.mark.parametrize("url", ["https://example.com/list.toml", "http://localhost:8000/x", "http://127.0.0.1/x"])
def test_a_list_of_models_comes_from_where_nobody_can_change_it_on_the_way(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url", ["", "http://example.com/x", "http://localhost.example.com/x", "file:///etc/passwd", "https://", 7]
)
def test_other_addresses_are_refused(url: object) -> None:
    with pytest.raises(ValueError, match="https://"):
        check_url(url)


def test_folders_are_read_in_the_form_of_path() -> None:
    assert read_folders(os.pathsep.join(["/a", "/b c"])) == ("/a", "/b c")
    assert read_folders("") == ()
