from __future__ import annotations

import dataclasses
import logging
import math

import pytest

from endpoint.providers.sampling_wish import NO_WISH, SPANS, SamplingWish, read_wish


def test_a_wish_goes_over_another_field_by_field() -> None:
    one = SamplingWish(temperature=0.0, top_k=0)
    other = SamplingWish(temperature=0.6, top_p=0.9)
    assert one.over(other) == SamplingWish(temperature=0.0, top_p=0.9, top_k=0)
    assert NO_WISH.over(other) == other.over(NO_WISH) == other


def test_every_field_has_its_span() -> None:
    assert set(SPANS) == {field.name for field in dataclasses.fields(SamplingWish)}


def test_what_makes_sense_is_taken_and_whole_numbers_will_do() -> None:
    found = {"temperature": 1, "top_p": 0.95, "top_k": 64.0, "min_p": None, "repeat_penalty": 1.1, "other": "x"}
    assert read_wish(found, "here") == SamplingWish(temperature=1.0, top_p=0.95, top_k=64, repeat_penalty=1.1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 2.5),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", "0.7"),
        ("temperature", True),
        ("temperature", 10**400),
        ("top_p", [0.9]),
        ("top_k", 20.5),
        ("top_k", -2),
        ("min_p", {}),
        ("repeat_penalty", 0),
        ("presence_penalty", 3),
        ("frequency_penalty", "x" * 100_000),
    ],
)
def test_nonsense_is_left_out_and_told_in_a_short_line(
    field: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_wish({field: value, "top_p" if field != "top_p" else "min_p": 0.5}, "here").said() == {
            "top_p" if field != "top_p" else "min_p": 0.5
        }
    [line] = caplog.messages
    assert line.startswith(f"here: {field} must be a ")
    assert len(line) < 200
