"""The order in which models are offered, on several machines."""

from __future__ import annotations

import pytest

from tray.models.catalogue import Form, Kind, load_catalogue
from tray.models.machine import Machine
from tray.models.memory import make_memory
from tray.models.ranking import Suits, describe_offer, find_best, rank

GIB = 1 << 30
ENTRIES = load_catalogue(None).entries


def machine(total: int, *, cores: int = 8, apple: bool = False, card: int = 0, disk: int = 500) -> Machine:
    return Machine(make_memory(total * GIB, total * GIB * 2 // 3, is_apple=apple), card * GIB, disk * GIB, cores)


MACHINES = {
    "an 8 GB Mac": (machine(8, apple=True), "mlx-community/Qwen3.5-4B-4bit"),
    "a 16 GB laptop": (machine(16), "unsloth/gemma-4-E4B-it-GGUF:Q4_K_M"),
    "64 GB and a card": (machine(64, cores=16, card=24), "unsloth/Qwen3.8-27B-GGUF:UD-Q4_K_XL"),
    "2 cores and 24 GB": (machine(24, cores=2), "LiquidAI/LFM2.5-8B-A1B-GGUF:Q4_K_M"),
    "a 64 GB Mac": (machine(64, cores=12, apple=True), "mlx-community/Qwen3.6-35B-A3B-4bit"),
    "an old netbook": (machine(4, cores=2), "LiquidAI/LFM2.5-1.2B-Instruct-GGUF:Q4_K_M"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_each_machine_is_offered_what_suits_it(name: str) -> None:
    here, wanted = MACHINES[name]
    best = find_best(rank(ENTRIES, here))
    assert best is not None
    assert best.entry.wanted == wanted


@pytest.mark.parametrize("name", MACHINES)
def test_what_fits_comes_first_and_what_is_too_big_last(name: str) -> None:
    order = [list(Suits).index(each.suits) for each in rank(ENTRIES, MACHINES[name][0])]
    assert order == sorted(order)


def test_mlx_is_offered_on_apple_silicon_alone() -> None:
    assert {each.entry.form for each in rank(ENTRIES, machine(16))} == {Form.GGUF}
    assert {each.entry.form for each in rank(ENTRIES, machine(16, apple=True))} == set(Form)


def test_a_full_disk_is_told_apart_from_a_small_memory() -> None:
    suits = {each.entry.repo: each.suits for each in rank(ENTRIES, machine(24, disk=5))}
    assert suits["unsloth/Qwen3.5-9B-GGUF"] is Suits.NO_DISK
    assert suits["unsloth/Qwen3.6-35B-A3B-GGUF"] is Suits.TOO_BIG


def test_nothing_is_offered_where_nothing_fits() -> None:
    assert find_best(rank(ENTRIES, machine(16, disk=0))) is None


def test_a_model_for_embeddings_is_never_the_one_to_talk_with() -> None:
    only = [entry for entry in ENTRIES if entry.kind is Kind.EMBEDDINGS]
    assert find_best(rank(only, machine(64))) is None


def test_an_offer_tells_size_and_time() -> None:
    best = find_best(rank(ENTRIES, machine(24, cores=2)))
    assert best is not None
    assert describe_offer(best) == "LFM2.5 8B A1B · 5.2 GB · about 14 min"
