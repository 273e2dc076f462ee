"""Precedence and checks of what to run."""

from __future__ import annotations

import pytest

from endpoint.contract import ModelRef
from tray.errors import OptionError
from tray.keys import RANGES
from tray.options import Choices, Options, merge, read_environment


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
        "TRAYPOINT_API_KEY": "k",
        "TRAYPOINT_CACHE_RAM": "100",
        "TRAYPOINT_CACHE_DISK": "0",
        "TRAYPOINT_IDLE_UNLOAD": "600",
    }
    assert read_environment(env) == Choices("gguf", "m", "::1", 8002, 4096, 2, 3, -1, "k", 100, 0, 600)


def test_the_reference_endpoints_variables_work_and_ours_win() -> None:
    env = {"ABSTRACTENDPOINT_MODEL": "theirs", "ABSTRACTENDPOINT_PORT": "8003", "TRAYPOINT_PORT": "8004"}
    assert read_environment(env) == Choices(model="theirs", port=8004)


def test_an_empty_variable_is_an_absent_one() -> None:
    assert read_environment({"TRAYPOINT_PORT": " ", "TRAYPOINT_MODEL": ""}) == Choices()


@pytest.mark.parametrize("text", ["99999", "-1", "eight", "80.5", "²"])
def test_a_bad_port_in_the_environment_is_named(text: str) -> None:
    with pytest.raises(OptionError, match="environment variable TRAYPOINT_PORT must be a whole number from 0 to 65535"):
        read_environment({"TRAYPOINT_PORT": text})


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 0])
def test_only_whole_numbers_in_range_pass(value: object) -> None:
    with pytest.raises(ValueError, match="must be a whole number of at least 1, not"):
        RANGES["ctx_size"].check(value)
