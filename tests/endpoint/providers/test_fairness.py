from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.providers.fairness import OLDEST_SHARE, fit, share_chunk

prompts = st.lists(st.integers(1, 3000), min_size=1, max_size=12)
chunks = st.integers(16, 512)


def steps_to_finish(wanted: list[int], chunk: int) -> list[int]:
    """How many steps each row takes when nothing else arrives."""
    left, steps = list(wanted), [0] * len(wanted)
    for step in range(1, 100_000):
        waiting = [row for row, tokens in enumerate(left) if tokens]
        if not waiting:
            return steps
        for row, count in zip(waiting, share_chunk([left[row] for row in waiting], chunk), strict=True):
            left[row] -= count
            if count and not left[row]:
                steps[row] = step
    raise AssertionError("some row never finished")


def test_equal_prompts_finish_one_after_the_other() -> None:
    assert steps_to_finish([640] * 8, 64) == [10, 20, 30, 40, 50, 60, 70, 80]


def test_the_shortest_goes_first_and_the_oldest_is_never_left_out() -> None:
    assert share_chunk([5000, 40, 30], 64) == [16, 18, 30]
    assert share_chunk([5000, 10], 64) == [54, 10]


def test_what_the_oldest_does_not_need_goes_to_the_others() -> None:
    assert share_chunk([4, 5000], 64) == [4, 60]


def test_a_title_s_prompt_beside_a_long_one_takes_one_chunk() -> None:
    assert share_chunk([20_000, 59], 128)[1] == 59
    assert steps_to_finish([20_000, 59], 64)[1] == 2


def test_none_is_left_alone_and_none_is_alone() -> None:
    assert fit(65, 64) == 63
    assert fit(64, 64) == 64
    assert fit(3, 2) == 0
    assert fit(500, 1) == 0
    assert fit(1, 1) == 1


@given(prompts, st.integers(0, 512))
def test_a_chunk_is_kept_to_and_no_slice_is_or_leaves_a_single_token(wanted: list[int], chunk: int) -> None:
    counts = share_chunk(wanted, chunk)
    assert sum(counts) <= chunk
    for needed, count in zip(wanted, counts, strict=True):
        assert 0 <= count <= needed
        assert count != 1 or needed == 1
        assert needed - count != 1 or count == 0


@given(prompts, chunks)
def test_at_most_three_tokens_of_a_chunk_are_wasted_on_that_while_there_is_demand(
    wanted: list[int], chunk: int
) -> None:
    assert sum(share_chunk(wanted, chunk)) >= min(chunk, sum(wanted)) - 3


@given(prompts, chunks, st.data())
def test_every_row_finishes_whatever_arrives_behind_it(wanted: list[int], chunk: int, data: st.DataObject) -> None:
    """New short prompts come at every step; a row needs no more steps than it and those before it at the reserve."""
    left = dict(enumerate(wanted))
    bound = sum(-(-tokens // (chunk // OLDEST_SHARE - 1)) for tokens in wanted)
    for step in range(bound):
        if not any(row in left for row in range(len(wanted))):
            return
        left[len(wanted) + step] = data.draw(st.integers(1, 40)) if step < 30 else 7
        rows = sorted(left)
        for row, count in zip(rows, share_chunk([left[row] for row in rows], chunk), strict=True):
            left[row] -= count
            if not left[row]:
                del left[row]
    assert not any(row in left for row in range(len(wanted)))
