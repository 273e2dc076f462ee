"""The table of settings: names that can't be mistaken, and values from texts."""

from __future__ import annotations

import os
from dataclasses import fields

import pytest

from tray.keys import APP, ENDPOINT, KEYS, check_url, find_key, read_folders, read_switch
from tray.options import VARIABLES, Choices
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
