"""Whatever a header or a config.json holds, its parser comes to an end, raises nothing, and keeps little memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from endpoint.contract import ModelRef
from tests.tray.models.homes import CONFIG, HEADER, add_gguf
from tests.tray.models.hostile import configs, headers
from tray.models.facts import Facts
from tray.models.facts_json import read_facts, write_facts
from tray.models.fit import rate_fit
from tray.models.gguf_facts import read_gguf
from tray.models.memory import Memory
from tray.models.mlx_config import read_mlx
from tray.models.model import FoundModel, Place

QUICK = 300
SLOW = pytest.param(20_000, marks=[pytest.mark.slow_suite, pytest.mark.alone, pytest.mark.timeout(900)])
MOST_BYTES = 48 << 20
"""Of Python's memory at any time: a config.json of a megabyte may take twenty times as much once it is parsed."""
DEADLINE_MS = 1000
"""For one file. Held where the machine has nothing else to do."""
MEMORY = Memory(16 << 30, 8 << 30, 16 << 30)


def bounds(cases: int) -> settings:
    deadline = DEADLINE_MS if cases > QUICK else None
    return settings(max_examples=cases, deadline=deadline, database=None, suppress_health_check=list(HealthCheck))


def sound_gguf(folder: Path) -> bytes:
    return add_gguf(folder / "sound.gguf").read_bytes()


def check(facts: Facts) -> None:
    """What comes out is sane, can be rated, and what is large enough to be kept is kept."""
    assert "\n" not in facts.problem
    model = FoundModel(
        ModelRef(), "m", Place.OWN, 0, 0.0, n_ctx=facts.n_ctx, attention=facts.attention, shape=facts.shape
    )
    assert rate_fit(model, MEMORY).needed_bytes > 0
    try:
        assert read_facts(json.loads(json.dumps(write_facts(facts)))) == facts
    except ValueError:
        assert max(facts.parameters, facts.shape.cell_bytes, facts.shape.row_bytes, facts.shape.window_bytes) > 1 << 62


def check_within_bounds(read: Callable[[], Facts]) -> None:
    tracemalloc.start()
    try:
        facts = read()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    check(facts)


@pytest.mark.parametrize("cases", [QUICK, SLOW])
def test_a_hostile_gguf_header_is_read_to_an_end(cases: int, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"

    @bounds(cases)
    @given(headers(sound_gguf(tmp_path)))
    def read(content: bytes) -> None:
        path.write_bytes(content)
        check_within_bounds(lambda: read_gguf([path]))

    read()


@pytest.mark.parametrize("cases", [QUICK, SLOW])
def test_a_hostile_config_is_read_to_an_end(cases: int, tmp_path: Path) -> None:
    @bounds(cases)
    @given(configs(CONFIG))
    def read(content: bytes) -> None:
        (tmp_path / "config.json").write_bytes(content)
        check_within_bounds(lambda: read_mlx(tmp_path, 1000))

    read()


def test_the_sound_ones_that_are_changed_are_sound_themselves(tmp_path: Path) -> None:
    assert not read_gguf([add_gguf(tmp_path / "model.gguf", HEADER)]).problem
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    assert not read_mlx(tmp_path, 1000).problem
