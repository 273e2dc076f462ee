from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.errors import LoadError
from endpoint.providers.mlx.sizing import SMALLEST, WISHED, Context, Costs, Wish, choose_context

COSTS = Costs(weights=0, token=1000, row=0, cache=0)


def choose(asked: int | None, trained: int, parallel: int, costs: Costs, free_bytes: int) -> Context:
    return choose_context(Wish("tiny", asked, trained, parallel), costs, free_bytes)


def test_with_room_a_model_gets_the_context_that_it_was_trained_for() -> None:
    assert choose(None, 8192, 8, COSTS, 10**9).n_ctx == 8192


def test_of_a_long_context_it_gets_as_much_as_fits() -> None:
    assert choose(None, 262_144, 8, COSTS, 10**9).n_ctx == 262_144
    assert choose(None, 262_144, 8, COSTS, 10**8).n_ctx == 89_856


def test_a_model_that_says_nothing_gets_what_agents_need() -> None:
    assert choose(None, 0, 8, COSTS, 10**9).n_ctx == WISHED


def test_all_rows_together_get_what_the_budget_allows() -> None:
    context = choose(None, 8192, 8, COSTS, 20_000_000)
    assert 8192 < context.cells <= 18_000, "a tenth is left for the work itself"


def test_more_cells_than_the_rows_could_fill_are_not_promised() -> None:
    assert choose(4096, 8192, 2, COSTS, 10**12).cells == 2 * 4096


def test_little_memory_makes_the_context_smaller() -> None:
    assert choose(None, 32768, 8, COSTS, 5_000_000).n_ctx == 4352


def test_held_prefixes_and_what_rows_take_besides_count() -> None:
    poorer = choose(None, 32768, 8, replace(COSTS, row=100_000, cache=1_000_000), 5_000_000)
    assert poorer.n_ctx == 2560


def test_held_prefixes_give_way_where_a_context_fits_only_without_them() -> None:
    assert choose(None, 8192, 8, replace(COSTS, cache=10**9), 3_000_000).n_ctx == SMALLEST
    assert choose(4096, 8192, 1, replace(COSTS, cache=10**9), 5_000_000) == Context(4096, 4096)


def test_a_wish_that_does_not_fit_is_refused_with_the_numbers_and_what_would_fit() -> None:
    with pytest.raises(LoadError, match=r"100,000 tokens, .* 20 MB are free.*--ctx-size: up to 17,920 tokens fit"):
        choose(100_000, 131_072, 8, COSTS, 20_000_000)


def test_when_not_even_the_smallest_context_fits_the_model_is_refused() -> None:
    with pytest.raises(LoadError, match=r"^tiny is too big .* 2,048 tokens.*Take a smaller model.*--force"):
        choose(None, 8192, 8, replace(COSTS, weights=10**9), 100_000)


def test_with_force_it_is_tried_whatever_the_numbers_say() -> None:
    wish = Wish("tiny", 100_000, 131_072, 8, force=True)
    assert choose_context(wish, COSTS, 20_000_000).n_ctx == 100_000
    assert choose_context(Wish("tiny", None, 8192, 8, force=True), COSTS, 0).n_ctx == SMALLEST


def test_state_that_does_not_grow_limits_nothing() -> None:
    context = choose(None, 0, 4, Costs(weights=0, token=0, row=50_000, cache=0), 10**6)
    assert (context.n_ctx, context.cells) == (WISHED, 4 * WISHED)
