"""The endpoint's command line, as the endpoint itself reads it."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from endpoint.arguments import parse_settings
from endpoint.contract import KV_TYPES, ModelRef
from endpoint.settings import Settings
from tests.tray.tunings import TUNED
from tray.keys import TUNING
from tray.options import Options, Tuning, make_tuning, merge
from tray.spawn import endpoint_command


def read_back(options: Options) -> Settings:
    """What an endpoint makes of its arguments, which begin behind the interpreter's."""
    argv = endpoint_command(options, {}).argv
    return parse_settings(argv[argv.index("--managed") :], {})


def test_every_setting_of_a_model_is_told() -> None:
    words = [word.partition("=")[0] for word in endpoint_command(merge(TUNED), {}).argv]
    assert {f"--{field.name.replace('_', '-')}" for field in fields(Tuning)} <= set(words)
    told = read_back(merge(TUNED))
    assert (told.load.n_ctx, told.load.parallel, told.load.threads, told.load.gpu_layers) == (4096, 2, 3, -1)
    assert (str(told.load.speculation), str(told.chat_template)) == ("off", "/t.jinja")
    sampling = told.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0.5, 0.9, 20, 0.0)
    assert (sampling.repeat_penalty, sampling.presence_penalty, sampling.frequency_penalty) == (1.1, -1.0, 1.5)


EDGES = {
    "ctx_size": (0, 1),
    "parallel": (1, 64),
    "threads": (1, 512),
    "gpu_layers": (-1, 0),
    "kv_type": KV_TYPES,
    "speculation": ("auto", "on", "off"),
    "chat_template": ("/t.jinja",),
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (0, 1_000_000),
    "min_p": (0, 1),
    "repeat_penalty": (0.01, 10),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in EDGES.items() for value in values])
def test_what_the_settings_allow_the_endpoint_takes(name: str, value: object) -> None:
    assert set(EDGES) == set(TUNING)
    read_back(merge(make_tuning({name: TUNING[name].check(value)})))


def test_nothing_is_said_of_what_nobody_chose() -> None:
    assert read_back(merge()) == replace(Settings(), managed=True, ref=ModelRef("llamacpp", "starter"))


def test_force_and_the_api_key_are_told_and_the_key_not_as_an_argument() -> None:
    command = endpoint_command(replace(merge(), force=True, api_key="secret"), {})
    assert "--force" in command.argv
    assert "secret" not in " ".join(command.argv)
    assert command.env["TRAYPOINT_API_KEY"] == "secret"
