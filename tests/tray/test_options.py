"""Precedence and checks of what to run."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from endpoint.contract import ModelRef
from tests.tray.tunings import CHOSEN
from tray.errors import OptionError
from tray.keys import TUNING
from tray.options import Choices, Options, Places, Tuning, find_changes, merge, read_environment
from tray.targets import Target

CONTEXT = TUNING["ctx_size"]


def test_nobody_says_anything_means_defaults() -> None:
    assert merge(Choices(), Choices(), Choices()) == Options(ModelRef("llamacpp", "starter"), "127.0.0.1", 8001)


def test_flag_wins_over_environment_over_file_key_by_key() -> None:
    flags = Choices(port=1)
    environment = Choices(port=2, model="env.gguf")
    file = Choices(port=3, model="file.gguf", host="0.0.0.0", threads=4)
    merged = merge(flags, environment, file)
    assert merged == Options(ModelRef("llamacpp", "env.gguf"), "0.0.0.0", 1, threads=4)


def test_port_zero_is_a_choice_not_an_absence() -> None:
    assert merge(Choices(port=0), Choices(port=8002)).port == 0


def test_every_variable_is_read() -> None:
    env = {
        "TRAYPOINT_PROVIDER": "gguf",
        "TRAYPOINT_MODEL": "m",
        "TRAYPOINT_HOST": "::1",
        "TRAYPOINT_PORT": "8002",
        "TRAYPOINT_CTX_SIZE": "4096",
        "TRAYPOINT_PARALLEL": "2",
        "TRAYPOINT_THREADS": "3",
        "TRAYPOINT_GPU_LAYERS": "-1",
        "TRAYPOINT_KV_TYPE": "q8_0",
        "TRAYPOINT_SPECULATION": "off",
        "TRAYPOINT_CHAT_TEMPLATE": "/t.jinja",
        "TRAYPOINT_TEMPERATURE": "0.5",
        "TRAYPOINT_TOP_P": "0.9",
        "TRAYPOINT_TOP_K": "20",
        "TRAYPOINT_MIN_P": "0",
        "TRAYPOINT_REPEAT_PENALTY": "1.1",
        "TRAYPOINT_PRESENCE_PENALTY": "-1",
        "TRAYPOINT_FREQUENCY_PENALTY": "1.5",
        "TRAYPOINT_API_KEY": "k",
        "TRAYPOINT_CACHE_RAM": "100",
        "TRAYPOINT_CACHE_DISK": "0",
        "TRAYPOINT_IDLE_UNLOAD": "600",
    }
    assert read_environment(env) == CHOSEN
    assert len(env) == len(fields(Choices))


def test_the_reference_endpoints_variables_work_and_ours_win() -> None:
    env = {"ABSTRACTENDPOINT_MODEL": "theirs", "ABSTRACTENDPOINT_PORT": "8003", "TRAYPOINT_PORT": "8004"}
    assert read_environment(env) == Choices(model="theirs", port=8004)


def test_an_empty_variable_is_an_absent_one() -> None:
    assert read_environment({"TRAYPOINT_PORT": " ", "TRAYPOINT_MODEL": ""}) == Choices()


@pytest.mark.parametrize("text", ["99999", "-1", "eight", "80.5", "²"])
def test_a_bad_port_in_the_environment_is_named(text: str) -> None:
    with pytest.raises(OptionError, match="environment variable TRAYPOINT_PORT must be a whole number from 0 to 65535"):
        read_environment({"TRAYPOINT_PORT": text})


MODELS = {"m": Tuning(ctx_size=2048, temperature=0.2), "other": Tuning(ctx_size=1024)}
FILE = Choices(model="m", ctx_size=8192, threads=4)


def test_what_the_file_says_for_one_model_wins_over_what_it_says_for_all_and_flags_over_both() -> None:
    options = Places(file=FILE, models=MODELS).options
    assert (options.ctx_size, options.temperature, options.threads) == (2048, 0.2, 4)
    assert Places(Choices(ctx_size=512), FILE, MODELS).options.ctx_size == 512
    assert Places(Choices(model="other"), FILE, MODELS).options.ctx_size == 1024
    assert Places(Choices(model="third"), FILE, MODELS).options.ctx_size == 8192


def test_what_another_model_would_run_with_is_told() -> None:
    places = Places(file=FILE, models=MODELS)
    assert places.for_model(ModelRef("llamacpp", "other")).ctx_size == 1024
    assert places.options.ctx_size == 2048


def test_a_change_for_the_model_that_is_asked_for_overrules_a_flag_and_one_for_another_does_not() -> None:
    places = Places(Choices(ctx_size=512), FILE, MODELS)
    assert places.change({Target(CONTEXT, "m"): 4096}).options.ctx_size == 4096
    assert places.change({Target(CONTEXT, "other"): 4096}).options.ctx_size == 512


def test_a_model_without_settings_of_its_own_is_not_remembered() -> None:
    assert Places(models={"other": Tuning(ctx_size=1024)}).change({Target(CONTEXT, "other"): None}) == Places()


def test_the_changes_from_one_file_to_another_lead_there() -> None:
    now = Places(file=FILE, models=MODELS)
    wanted = Places(file=replace(FILE, threads=None, port=1), models={"m": Tuning(kv_type="q8_0")})
    changes = find_changes(now, wanted)
    assert now.change(changes) == wanted
    assert {target.dotted: value for target, value in changes.items()} == {
        "endpoint.port": 1,
        "endpoint.threads": None,
        'model."m".ctx_size': None,
        'model."m".temperature': None,
        'model."m".kv_type': "q8_0",
        'model."other".ctx_size': None,
    }
