"""Whole names of settings, and what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray.keys import KEYS, TUNING, Key
from tray.targets import Target, find_target, name_own

CONTEXT = TUNING["ctx_size"]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.dotted)
def test_a_keys_whole_name_means_it_for_all_models(key: Key) -> None:
    assert find_target(key.dotted) == Target(key)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_whatever_a_model_is_called_its_own_settings_have_a_name(model: str) -> None:
    assert find_target(name_own(model, "ctx_size")) == Target(CONTEXT, model)


@pytest.mark.parametrize("name", ["model.qwen.ctx_size", "model.'qwen'.ctx_size", 'model. "qwen" ."ctx_size"'])
def test_it_may_be_written_in_all_ways_that_toml_has(name: str) -> None:
    assert find_target(name) == Target(CONTEXT, "qwen")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "port",
        "endpoint.colour",
        "model",
        "model.qwen",
        "model.qwen.port",
        "model.qwen.gguf.ctx_size",
        'model."".ctx_size',
        "model.qwen.ctx_size = 1\nx",
        "model." + "a." * 100_000,
        'model."qwen.ctx_size',
    ],
)
def test_all_else_means_nothing(name: str) -> None:
    assert find_target(name) is None
