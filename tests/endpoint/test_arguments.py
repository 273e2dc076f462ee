from __future__ import annotations

import pytest

from endpoint.arguments import parse_settings
from endpoint.errors import SettingsError


def test_a_request_may_take_any_time_unless_a_limit_is_set() -> None:
    assert parse_settings([], {}).request_timeout_s == 0
    assert parse_settings([], {"TRAYPOINT_REQUEST_TIMEOUT": "90"}).request_timeout_s == 90
    assert parse_settings(["--request-timeout", "2.5"], {"TRAYPOINT_REQUEST_TIMEOUT": "90"}).request_timeout_s == 2.5


@pytest.mark.parametrize("text", ["-1", "soon", "inf"])
def test_a_limit_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"TRAYPOINT_REQUEST_TIMEOUT.*number of seconds"):
        parse_settings([], {"TRAYPOINT_REQUEST_TIMEOUT": text})
