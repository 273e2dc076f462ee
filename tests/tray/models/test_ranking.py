"""The order in which models are offered, on several machines."""

from __future__ import annotations

import pytest

from tray.models.catalogue import Form, load_catalogue
from tray.models.machine import Machine
from tray.models.memory import make_memory
from tray.models.ranking import Suits, rank

GIB = 1 << 30
ENTRIES = load_catalogue(None).entries


def machine(total: int, *, cores: int = 8, apple: bool = False, card: int = 0, disk: int = 500) -> Machine:
    return Machine(make_memory(total * GIB, total * GIB * 2 // 3, is_apple=apple), card * GIB, disk * GIB, cores)


MACHINES = {
    "an 8 GB Mac": machine(8, apple=True),
    "a 16 GB laptop": machine(16),
    "64 GB and a card": machine(64, cores=16, card=24),
    "an old netbook": machine(4, cores=2),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_fits_comes_first_and_what_is_too_big_last(name: str) -> None:
    order = [list(Suits).index(each.suits) for each in rank(ENTRIES, MACHINES[name])]
    assert order == sorted(order)


def test_mlx_is_offered_on_apple_silicon_alone() -> None:
    assert {each.entry.form for each in rank(ENTRIES, machine(16))} == {Form.GGUF}
    assert {each.entry.form for each in rank(ENTRIES, machine(16, apple=True))} == set(Form)


def test_a_full_disk_is_told_apart_from_a_small_memory() -> None:
    suits = {each.entry.repo: each.suits for each in rank(ENTRIES, machine(24, disk=5))}
    assert suits["unsloth/Qwen3.5-9B-GGUF"] is Suits.NO_DISK
    assert suits["unsloth/Qwen3.6-35B-A3B-GGUF"] is Suits.TOO_BIG


def test_a_download_takes_as_long_as_its_pace_makes_it() -> None:
    [usual], [slow] = rank(ENTRIES[:1], machine(16)), rank(ENTRIES[:1], machine(16), 1_000_000)
    assert (usual.download_s, slow.download_s) == (60, 380)
