from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.arguments import parse_settings
from endpoint.contract import KvType
from endpoint.errors import SettingsError
from endpoint.providers.options import Speculation


def test_a_request_may_take_any_time_unless_a_limit_is_set() -> None:
    assert parse_settings([], {}).request_timeout_s == 0
    assert parse_settings([], {"TRAYPOINT_REQUEST_TIMEOUT": "90"}).request_timeout_s == 90
    assert parse_settings(["--request-timeout", "2.5"], {"TRAYPOINT_REQUEST_TIMEOUT": "90"}).request_timeout_s == 2.5


@pytest.mark.parametrize("text", ["-1", "soon", "inf"])
def test_a_limit_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"TRAYPOINT_REQUEST_TIMEOUT.*number of seconds"):
        parse_settings([], {"TRAYPOINT_REQUEST_TIMEOUT": text})


def test_speculation_is_left_to_the_machine_unless_told() -> None:
    assert parse_settings([], {}).load.speculation is Speculation.AUTO


def test_a_speculation_flag_wins_over_the_environment() -> None:
    environment = {"TRAYPOINT_SPECULATION": "On"}
    assert parse_settings([], environment).load.speculation is Speculation.ON
    assert parse_settings(["--speculation", "off"], environment).load.speculation is Speculation.OFF


def test_an_unknown_speculation_mode_is_named_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"--speculation.*auto, on or off, got 'maybe'"):
        parse_settings(["--speculation=maybe"], {})
    with pytest.raises(SettingsError, match=r"TRAYPOINT_SPECULATION is 'maybe'"):
        parse_settings([], {"TRAYPOINT_SPECULATION": "maybe"})


def test_keys_and_values_are_of_16_bits_unless_told() -> None:
    environment = {"TRAYPOINT_KV_TYPE": "Q8_0"}
    assert parse_settings([], {}).load.kv_type is KvType.F16
    assert parse_settings([], environment).load.kv_type is KvType.Q8_0
    assert parse_settings(["--kv-type", "q4_0"], environment).load.kv_type is KvType.Q4_0


def test_an_unknown_kv_type_is_named_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"--kv-type.*one of f16, q8_0, .*q4_0, got 'q3_k'"):
        parse_settings(["--kv-type", "q3_k"], {})
    with pytest.raises(SettingsError, match=r"TRAYPOINT_KV_TYPE is 'f8': it must be one of f16, "):
        parse_settings([], {"TRAYPOINT_KV_TYPE": "f8"})


def test_remembering_requests_is_switched_off_by_flag_or_environment() -> None:
    assert parse_settings([], {}).explains
    assert parse_settings([], {"TRAYPOINT_EXPLAIN": "1"}).explains
    assert not parse_settings(["--no-explain"], {"TRAYPOINT_EXPLAIN": "1"}).explains
    assert not parse_settings([], {"TRAYPOINT_EXPLAIN": "0"}).explains


def test_the_model_stays_in_memory_unless_told() -> None:
    environment = {"TRAYPOINT_IDLE_UNLOAD": "900"}
    assert parse_settings([], {}).idle_unload_s == 0
    assert parse_settings([], environment).idle_unload_s == 900
    assert parse_settings(["--idle-unload", "0"], environment).idle_unload_s == 0
    with pytest.raises(SettingsError, match=r"TRAYPOINT_IDLE_UNLOAD.*number of seconds"):
        parse_settings([], {"TRAYPOINT_IDLE_UNLOAD": "soon"})


def test_a_context_of_none_is_as_long_as_memory_allows() -> None:
    environment = {"TRAYPOINT_CTX_SIZE": "0"}
    assert parse_settings([], environment).load.n_ctx is None
    assert parse_settings(["--ctx-size", "4096"], environment).load.n_ctx == 4096
    assert parse_settings(["-c", "0"], {"TRAYPOINT_CTX_SIZE": "4096"}).load.n_ctx is None, "a flag wins, 0 too"
    with pytest.raises(SettingsError, match=r"--ctx-size.*whole number of tokens, 0: as memory allows, got '-1'"):
        parse_settings(["--ctx-size=-1"], {})


def test_a_chat_templates_file_is_named_by_flag_or_environment() -> None:
    environment = {"TRAYPOINT_CHAT_TEMPLATE": "one.jinja"}
    assert parse_settings([], {}).chat_template is None
    assert parse_settings([], environment).chat_template == Path("one.jinja")
    assert parse_settings(["--chat-template", "~/two.jinja"], environment).chat_template == Path.home() / "two.jinja"
    nobody = parse_settings(["--chat-template", "~no-such-user/x"], {}).chat_template
    assert nobody == Path("~no-such-user/x"), "told as a file that isn't there"
