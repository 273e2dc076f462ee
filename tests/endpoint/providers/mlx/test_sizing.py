from __future__ import annotations

import pytest

from endpoint.errors import LoadError
from endpoint.providers.mlx.sizing import SMALLEST, WISHED, Need, check_weights, choose_context

NEED = Need(token=1000, row=0, cache=0)


def test_with_room_a_model_gets_the_context_that_it_was_trained_for() -> None:
    assert choose_context(None, 8192, 8, NEED, 10**9).n_ctx == 8192


def test_a_model_that_says_nothing_gets_what_agents_need() -> None:
    assert choose_context(None, 0, 8, NEED, 10**9).n_ctx == WISHED


def test_all_rows_together_get_what_the_budget_allows() -> None:
    context = choose_context(None, 8192, 8, NEED, 20_000_000)
    assert 8192 < context.cells <= 18_000, "a tenth is left for the work itself"


def test_more_cells_than_the_rows_could_fill_are_not_promised() -> None:
    assert choose_context(4096, 8192, 2, NEED, 10**12).cells == 2 * 4096


def test_little_memory_makes_the_context_smaller() -> None:
    assert choose_context(None, 32768, 8, NEED, 5_000_000).n_ctx == 4352


def test_held_prefixes_and_what_rows_take_besides_count() -> None:
    poorer = choose_context(None, 32768, 8, Need(token=1000, row=100_000, cache=1_000_000), 5_000_000)
    assert poorer.n_ctx == 2560


def test_without_any_room_there_is_still_the_smallest_context() -> None:
    assert choose_context(None, 8192, 8, NEED, 0).n_ctx == SMALLEST


def test_a_wish_that_does_not_fit_is_refused_with_the_counts() -> None:
    with pytest.raises(LoadError, match=r"100000 tokens takes 0\.1 GB .* room for 17920.* --ctx-size"):
        choose_context(100_000, 131_072, 8, NEED, 20_000_000)


def test_state_that_does_not_grow_limits_nothing() -> None:
    context = choose_context(None, 0, 4, Need(token=0, row=50_000, cache=0), 10**6)
    assert (context.n_ctx, context.cells) == (WISHED, 4 * WISHED)


def test_weights_that_are_too_large_are_refused_before_they_are_read() -> None:
    check_weights(4_000_000_000, 8_000_000_000)
    with pytest.raises(LoadError, match=r"take 9\.0 GB; MLX can have 8\.0 GB here"):
        check_weights(9_000_000_000, 8_000_000_000)
