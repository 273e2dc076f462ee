from __future__ import annotations

import dataclasses

import pytest

from endpoint.arguments import parse_settings
from endpoint.contract import Env
from endpoint.errors import SettingsError
from endpoint.providers.sampling_wish import NO_WISH, SPANS, SamplingWish

NAMES = [field.name for field in dataclasses.fields(SamplingWish)]


def test_nothing_is_said_unless_told() -> None:
    assert parse_settings([], {}).sampling == NO_WISH


@pytest.mark.parametrize("name", NAMES)
def test_each_field_has_a_flag_that_wins_over_its_variable(name: str) -> None:
    flag, variable = f"--{name.replace('_', '-')}", Env[name.upper()]
    assert parse_settings([], {variable: "1"}).sampling.said() == {name: 1}
    assert parse_settings([flag, "0.5" if name != "top_k" else "5"], {variable: "1"}).sampling.said() == {
        name: 0.5 if name != "top_k" else 5
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_ends_of_its_span_are_taken_and_what_is_beyond_is_refused_by_name(name: str) -> None:
    flag, variable, span = f"--{name.replace('_', '-')}", Env[name.upper()], SPANS[name]
    assert parse_settings([f"{flag}={span.high}"], {}).sampling.said() == {name: span.high}
    for text in (str(span.high + 1), str(span.low - 1), "much", "nan"):
        with pytest.raises(SettingsError, match=f"{flag}.*it must be"):
            parse_settings([f"{flag}={text}"], {})
        with pytest.raises(SettingsError, match=f"{variable} is {text!r}: it must be"):
            parse_settings([], {variable: text})


def test_negative_numbers_need_no_equals_sign() -> None:
    said = parse_settings(["--top-k", "-1", "--presence-penalty", "-0.5"], {}).sampling
    assert said == SamplingWish(top_k=-1, presence_penalty=-0.5)


def test_llama_servers_shorter_name_for_the_temperature_is_known() -> None:
    assert parse_settings(["--temp", "0"], {}).sampling == SamplingWish(temperature=0)
