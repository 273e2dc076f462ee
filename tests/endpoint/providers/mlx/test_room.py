from __future__ import annotations

from endpoint.providers.base import Job, Sampling
from endpoint.providers.mlx.room import STEP, Usage, has_to_give_way, may_return, measure, round_up
from endpoint.providers.mlx.rows import Row


def row(number: int, tokens: int, *, parked: bool = False, alone: bool = True) -> Row:
    made = Row(Job(number, (1,) * tokens, 100, Sampling()), parked=parked)
    made.state = [] if alone and not parked else None
    return made


def test_buffers_grow_in_steps() -> None:
    assert [round_up(tokens) for tokens in (0, 1, STEP, STEP + 1)] == [0, STEP, STEP, 2 * STEP]


def test_a_row_in_prefill_takes_the_room_of_its_whole_prompt() -> None:
    assert measure([row(1, 1000)], 0, 0).cells == round_up(1000)


def test_rows_that_decode_together_take_the_longest_ones_room_each() -> None:
    assert measure([row(1, 900, alone=False), row(2, 10, alone=False)], 2, 900).cells == 2 * round_up(900)


def test_a_parked_row_takes_nothing() -> None:
    assert measure([row(1, 900, parked=True)], 0, 0).cells == 0


def test_a_newcomer_has_the_part_that_padding_leaves_it() -> None:
    assert Usage(alone=0, together=3, width=500).room_for_another(4096) == 1024


def test_where_the_others_would_be_padded_beyond_the_budget_nobody_is_let_in() -> None:
    assert Usage(alone=0, together=3, width=1500).room_for_another(4096) == 0


def test_the_youngest_gives_way_when_the_next_token_goes_beyond_the_budget() -> None:
    rows = [row(1, 300, alone=False), row(2, 256, alone=False)]
    assert has_to_give_way(rows, Usage(0, 2, 511), 1024) is None
    assert has_to_give_way(rows, Usage(0, 2, 512), 1024) is rows[1]


def test_a_row_alone_never_gives_way() -> None:
    assert has_to_give_way([row(1, 300), row(2, 9, parked=True)], Usage(512, 0, 0), 256) is None


def test_the_oldest_parked_row_comes_back_first_and_only_when_it_fits() -> None:
    rows = [row(1, 200, alone=False), row(3, 200, parked=True), row(2, 200, parked=True)]
    assert may_return(rows, Usage(0, 1, 200), 2048) == [rows[2]]
    assert may_return(rows, Usage(0, 1, 200), 512) == []


def test_when_nobody_runs_a_parked_row_comes_back_in_any_case() -> None:
    rows = [row(1, 5000, parked=True)]
    assert may_return(rows, Usage(0, 0, 0), 256) == rows
