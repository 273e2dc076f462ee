"""Fields of other programs' JSON, whatever stands in them."""

from __future__ import annotations

import json

import pytest

from tray.reading import count, number, parse, size

HUGE = int("9" * 400)


@pytest.mark.parametrize("value", [None, True, "7", [], {}, float("nan"), float("inf"), -float("inf"), HUGE, -HUGE])
def test_what_is_no_finite_number_is_none_and_counts_as_nothing(value: object) -> None:
    assert number(value) is None
    assert count(value) == 0
    assert size(value) is None


@pytest.mark.parametrize(("value", "read"), [(0, 0.0), (7, 7.0), (2.5, 2.5), (-3, -3.0)])
def test_numbers_are_read(value: object, read: float) -> None:
    assert number(value) == read


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert parse(body) is None


def test_whole_numbers_that_no_float_holds_are_read_without_an_error() -> None:
    assert number(parse(json.dumps(HUGE).encode())) is None
