"""The table of settings: names that can't be mistaken, and values from texts."""

from __future__ import annotations

from dataclasses import fields

import pytest

from endpoint.providers.options import Speculation
from tray.keys import APP, ENDPOINT, KEYS, SPECULATIONS, TUNING, find_key
from tray.options import VARIABLES, Choices, Tuning
from tray.preferences import Preferences


def test_every_choice_and_preference_is_a_setting_but_the_api_key() -> None:
    assert {key.name for key in KEYS if key.section == ENDPOINT} == {f.name for f in fields(Choices)} - {"api_key"}
    assert {key.name for key in KEYS if key.section != ENDPOINT} == {f.name for f in fields(Preferences)}


def test_every_choice_has_a_variable() -> None:
    assert set(VARIABLES) == {f.name for f in fields(Choices)}


def test_the_defaults_told_are_those_in_force() -> None:
    told = {key.name: key.default for key in KEYS if key.section != ENDPOINT}
    assert told == {f.name: getattr(Preferences(), f.name) for f in fields(Preferences)}


def test_a_key_is_found_by_its_whole_and_by_its_short_name() -> None:
    assert find_key("endpoint.port") is find_key("port") is not None
    assert find_key("app.port") is None
    assert len({key.name for key in KEYS}) == len(KEYS)


def test_what_may_be_said_for_one_model_is_how_it_is_run() -> None:
    assert set(TUNING) == {f.name for f in fields(Tuning)}


def test_the_words_are_those_that_the_endpoint_knows() -> None:
    assert tuple(mode.value for mode in Speculation) == SPECULATIONS


def test_the_apps_switches_have_names_of_their_own() -> None:
    assert {key.name for key in KEYS if key.section == APP} == {"start_on_launch", "keep_running", "notifications"}


@pytest.mark.parametrize("name", ["model", "host", "provider"])
def test_a_text_that_cannot_be_written_down_is_refused(name: str) -> None:
    key = find_key(name)
    assert key
    with pytest.raises(ValueError, match="must be text in UTF-8"):
        key.check("a\udcff.gguf")


def test_a_folder_that_cannot_be_written_down_is_refused() -> None:
    key = find_key("folders")
    assert key
    with pytest.raises(ValueError, match="must be a list of folders"):
        key.check(["/models", "/a\udcff"])
