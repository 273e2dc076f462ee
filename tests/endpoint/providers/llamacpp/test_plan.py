from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.plan import SCORED_AT_ONCE, Row, plan_batch


def row(number: int, prompt: int, n_past: int = 0, *, parked: bool = False) -> Row:
    made = Row(Job(number, tuple(range(prompt)), 100, Sampling()), seq_id=number, n_past=n_past)
    made.parked = parked
    return made


def counts(rows: list[Row], chunk: int, cells: int) -> dict[int, int]:
    return {part.row.job.id: part.count for part in plan_batch(rows, chunk, cells)}


def test_decoding_rows_come_first_and_the_prompt_gets_a_chunk() -> None:
    batch = plan_batch([row(1, 500), row(2, 10, n_past=9)], chunk=64, cells=1000)
    assert [(part.row.job.id, part.count, part.completes) for part in batch] == [(2, 1, True), (1, 64, False)]


def test_the_chunk_is_shared_so_that_a_short_prompt_is_not_stuck_behind_a_long_one() -> None:
    assert counts([row(1, 5000), row(2, 20)], chunk=64, cells=9000) == {2: 19, 1: 45}


def test_a_batch_never_takes_more_tokens_than_there_are_cells() -> None:
    assert counts([row(1, 100), row(2, 5, n_past=4)], chunk=64, cells=10) == {2: 1, 1: 9}


def test_parked_rows_are_left_out() -> None:
    assert counts([row(1, 100, parked=True), row(2, 5)], chunk=64, cells=1000) == {2: 4}


def test_with_room_for_one_token_only_the_oldest_prompt_gets_it_unless_a_row_decodes() -> None:
    assert counts([row(2, 9), row(1, 100)], chunk=64, cells=1) == {1: 1}
    assert counts([row(2, 9), row(1, 100), row(3, 5, n_past=4)], chunk=64, cells=2) == {3: 1}


def test_the_last_token_of_a_prompt_is_computed_by_itself_and_no_other() -> None:
    reader = row(1, 100)
    counts_in_turn = []
    while reader.pending:
        (part,) = plan_batch([reader], 33, 1000)
        counts_in_turn.append(part.count)
        reader.n_past += part.count
    assert counts_in_turn == [33, 33, 33, 1]
    assert counts([row(2, 35)], chunk=33, cells=1000) == {2: 32}, "33 would leave one alone before the last"


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 300)), max_size=8), st.integers(1, 512), st.integers(0, 2000)
)
def test_any_batch_keeps_to_chunk_cells_and_rows(shapes: list[tuple[int, int]], chunk: int, cells: int) -> None:
    rows = [row(number, prompt, min(past, prompt)) for number, (prompt, past) in enumerate(shapes)]
    batch = plan_batch(rows, chunk, cells)
    assert sum(part.count for part in batch) <= cells
    assert sum(part.count for part in batch if part.row.pending > 1) <= chunk
    assert len({part.row.seq_id for part in batch}) == len(batch)
    assert all(0 < part.count <= part.row.pending for part in batch)


def test_a_chunk_ends_at_the_next_stop() -> None:
    reader = row(1, 100)
    reader.stops = (20, 21, 50, 98, 99)
    ends = []
    while reader.pending:
        (part,) = plan_batch([reader], 33, 1000)
        reader.n_past += part.count
        ends.append(reader.n_past)
    assert ends == [20, 50, 83, 99, 100], "but never leaves a single token to the next"


def scored(number: int, prompt: int, n_past: int = 0) -> Row:
    job = Job(number, tuple(range(prompt)), 100, Sampling(), logprobs=0, scores_prompt=True)
    return Row(job, seq_id=number, n_past=n_past)


def test_one_prompt_is_scored_at_a_time_a_few_tokens_a_step() -> None:
    assert counts([scored(2, 100), scored(1, 100), row(3, 9, n_past=8)], 512, 1000) == {3: 1, 1: SCORED_AT_ONCE}
    assert counts([scored(1, 100), row(2, 50)], 512, 1000) == {1: SCORED_AT_ONCE, 2: 49}


def test_a_scored_row_that_draws_leaves_the_next_one_its_turn() -> None:
    assert counts([scored(1, 100, n_past=99), scored(2, 100)], 512, 1000) == {1: 1, 2: SCORED_AT_ONCE}


def test_logits_are_wanted_where_a_token_is_drawn_or_its_follower_scored() -> None:
    assert [row(1, 4).wants_logits(place) for place in range(5)] == [False, False, False, True, True]
    assert all(scored(1, 4).wants_logits(place) for place in range(4))
    answering = scored(1, 4)
    answering.tokens += [7, 8]
    assert [answering.wants_logits(place) for place in range(6)] == [True, True, True, False, False, True]
