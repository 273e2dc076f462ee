from __future__ import annotations

from endpoint.providers.base import Job, Sampling
from endpoint.providers.constrained import MOST_TOGETHER
from endpoint.providers.mlx.rows import Row


def make(prompt: int, *, done: int, answer: int = 0) -> Row:
    row = Row(Job(1, tuple(range(prompt)), 50, Sampling()), n_past=done)
    row.tokens += [7] * answer
    return row


def test_a_row_is_ready_once_only_its_last_prompt_token_is_left() -> None:
    assert make(10, done=8).is_prefilling
    assert make(10, done=9).is_ready


def test_a_prompt_of_one_token_needs_no_prefill() -> None:
    assert make(1, done=0).is_ready


def test_tokens_of_an_answer_that_had_no_choice_are_computed_while_decoding() -> None:
    assert make(10, done=10, answer=1 + MOST_TOGETHER).is_ready
    assert make(10, done=10, answer=2 + MOST_TOGETHER).is_prefilling


def test_after_parking_prompt_and_answer_are_prefilled_but_for_the_last_token() -> None:
    row = make(10, done=0, answer=30)
    assert (row.is_prefilling, row.stretch) == (True, 39)


def test_a_parked_row_neither_prefills_nor_decodes() -> None:
    row = make(10, done=9)
    row.parked = True
    assert not row.is_ready
    assert not row.is_prefilling


def test_a_chunk_ends_at_the_next_stop() -> None:
    row = make(100, done=10)
    row.stops = (40, 80)
    assert row.stretch == 30


def test_the_answer_counts_against_what_is_left() -> None:
    assert make(10, done=10, answer=20).left == 30
