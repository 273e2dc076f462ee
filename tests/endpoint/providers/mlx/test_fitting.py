"""Saved state that was damaged, or made up: it is refused by what it says of itself, and never reaches the library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.provider import MlxProvider
from endpoint.providers.saved_state import SavedState
from tests.endpoint.providers.driving import hold, make_job
from tests.endpoint.providers.mlx.assembling import assembled

STORY = "The keeper of the lighthouse counted the ships, one by one. " * 3
Spoil = Callable[[Any], Any]
"""Changes the first layer's entry, [class, state], of a description; or returns another."""

KEYS: dict[str, Spoil] = {
    "another number of tokens": lambda entry: entry[1].__setitem__(2, entry[1][2] + 1),
    "a huge number of tokens": lambda entry: entry[1].__setitem__(2, 10**30),
    "a negative number of tokens": lambda entry: entry[1].__setitem__(2, -1),
    "a fraction of a token": lambda entry: entry[1].__setitem__(2, float(entry[1][2])),
    "another kind of number": lambda entry: entry[1][0].__setitem__("dtype", "int32"),
    "numbers that MLX turns into others": lambda entry: entry[1][0].__setitem__("dtype", "float64"),
    "no kind of number": lambda entry: entry[1][0].__setitem__("dtype", "object"),
    "keys as wide as they are long": lambda entry: _swap(entry[1][0]["shape"], 2, 3),
    "a row too many": lambda entry: _swap(entry[1][0]["shape"], 0, 1),
    "a shape beyond all memory": lambda entry: entry[1][0].__setitem__("shape", [1, 10**30]),
    "fewer dimensions": lambda entry: entry[1][0]["shape"].pop(0),
    "no keys": lambda entry: entry[1].__setitem__(0, None),
    "a class that is no cache": lambda entry: entry.__setitem__(0, "Path"),
    "a cache of another kind": lambda entry: entry.__setitem__(0, "QuantizedKVCache"),
    "a part used twice": lambda entry: entry[1][0].__setitem__("part", entry[1][1]["part"]),
    "a part from the end": lambda entry: entry[1][0].__setitem__("part", -1),
}
WINDOW: dict[str, Spoil] = {
    "a larger window": lambda entry: entry[1].__setitem__(4, 10**6),
    "a window of nothing": lambda entry: entry[1].__setitem__(4, 0),
    "another beginning that stays": lambda entry: entry[1].__setitem__(3, 4),
    "a place beyond the window": lambda entry: entry[1].__setitem__(5, 10**9),
    "a place before the window": lambda entry: entry[1].__setitem__(5, -1),
}
ARRAYS: dict[str, Spoil] = {
    "an array less": lambda entry: entry[1][0].pop(),
    "no array": lambda entry: entry[1][0].__setitem__(1, None),
    "an axis cut in two": lambda entry: _halve(entry[1][0][1]["shape"]),
    "padding": lambda entry: entry[1].__setitem__(1, [3]),
    "lengths": lambda entry: entry[1].__setitem__(2, [3]),
    "something else altogether": lambda entry: entry.__setitem__(1, "nothing"),
}
LIST: dict[str, Spoil] = {
    "a member of another class": lambda entry: entry[1][1].__setitem__(1, "ArraysCache"),
    "a member that is no cache": lambda entry: entry[1][1].__setitem__(1, "mx"),
    "a member less": lambda entry: entry[1].pop(),
    "another number of tokens in a member": lambda entry: entry[1][1][0].__setitem__(2, 3),
}
CASES = [
    (MemoryKind.ATTENTION, KEYS),
    (MemoryKind.SLIDING_WINDOW, KEYS | WINDOW),
    (MemoryKind.RECURRENT, ARRAYS),
    (MemoryKind.HYBRID, LIST),
]


def _swap(sizes: list[int], one: int, other: int) -> None:
    sizes[one], sizes[other] = sizes[other], sizes[one]


def _halve(shape: list[int]) -> None:
    """Of a row's running state: as many numbers, but as two rows."""
    shape[0], shape[-1] = 2, shape[-1] // 2


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case[0].value)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MlxProvider, dict[str, Spoil]]]:
    kind, spoils = request.param
    with assembled(kind, tmp_path_factory.mktemp("model")) as provider:
        yield provider, spoils


def save(provider: MlxProvider) -> SavedState:
    job = make_job(provider, STORY, 3)
    prefix = hold(provider, job if provider.caps.trimmable else replace(job, checkpoints=(60, 120)))
    state = provider.save(prefix)
    provider.release(prefix)
    return state


def test_what_contradicts_itself_or_the_model_is_refused(case: tuple[MlxProvider, dict[str, Spoil]]) -> None:
    provider, spoils = case
    state = save(provider)
    for what, spoil in spoils.items():
        layout = json.loads(state.layout)
        spoil(layout[str(len(state.tokens))][0])
        assert json.dumps(layout) != state.layout, what
        assert provider.restore(replace(state, layout=json.dumps(layout))) is None, what
    assert provider.held_bytes() == 0
    restored = provider.restore(state)
    assert restored is not None, "unspoiled it does fit"
    provider.release(restored)


def test_a_description_without_an_end_is_refused(case: tuple[MlxProvider, dict[str, Spoil]]) -> None:
    provider, _ = case
    state = save(provider)
    for layout in ("[" * 100_000, '{"1": ' * 100_000, "[]", "{}", "null", f'{{"{"9" * 5000}": []}}'):
        assert provider.restore(replace(state, layout=layout)) is None


def test_another_models_state_is_refused(case: tuple[MlxProvider, dict[str, Spoil]], tmp_path: Path) -> None:
    provider, _ = case
    others = [kind for kind in MemoryKind if kind is not provider.caps.memory]
    state = save(provider)
    for kind in others:
        with assembled(kind, tmp_path / kind.value) as other:
            assert other.restore(state) is None
