from __future__ import annotations

from endpoint.providers.llamacpp.sizing import SMALLEST, WISHED, choose_context

GIB = 1 << 30
CELL = 32 * 1024


def test_a_small_model_gets_all_that_it_was_trained_for() -> None:
    assert choose_context(8192, CELL, 16 * GIB) == 8192


def test_a_long_context_model_gets_what_agents_need_and_not_all() -> None:
    assert choose_context(262_144, CELL, 64 * GIB) == WISHED


def test_memory_bounds_it_to_half_of_what_is_free() -> None:
    tokens = choose_context(262_144, CELL, GIB)
    assert tokens == 16_384
    assert tokens * CELL <= GIB / 2


def test_it_never_falls_under_a_usable_size() -> None:
    assert choose_context(262_144, CELL, 1) == SMALLEST
