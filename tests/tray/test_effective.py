from __future__ import annotations

import os
from pathlib import Path

import pytest

from tray.effective import Origin, find_settings, format_value
from tray.keys import KEYS
from tray.options import read_environment

FILE = Path("settings.toml")


def find(env: dict[str, str], values: dict[str, object]) -> dict[str, tuple[object, Origin, str]]:
    settings = find_settings(read_environment(env), env, values, FILE)
    return {setting.key.dotted: (setting.value, setting.origin, setting.where) for setting in settings}


def test_each_key_comes_from_the_first_place_that_speaks() -> None:
    found = find({"ABSTRACTENDPOINT_PORT": "1"}, {"endpoint.port": 2, "endpoint.threads": 3, "app.keep_running": True})
    assert found["endpoint.port"] == (1, Origin.ENVIRONMENT, "ABSTRACTENDPOINT_PORT")
    assert found["endpoint.threads"] == (3, Origin.FILE, "settings.toml")
    assert found["app.keep_running"] == (True, Origin.FILE, "settings.toml")
    assert found["endpoint.host"] == ("127.0.0.1", Origin.DEFAULT, "")
    assert list(found) == [key.dotted for key in KEYS]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (0, "0"), (("a", "b"), os.pathsep.join("ab")), ((), ""), ("x y", "x y")],
)
def test_a_value_is_written_as_it_can_be_set(value: object, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.dotted)
def test_a_default_survives_being_written_and_read(key: object) -> None:
    for each in KEYS:
        if each is key and each.default is not None:
            assert each.read(format_value(each.default)) == each.default
