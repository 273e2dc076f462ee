from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.providers.drafts import CANDIDATES, GRAM, DraftIndex

TEXTS = st.lists(st.integers(0, 4), max_size=60)


def occurs(tokens: list[int], draft: tuple[int, ...], matched: int) -> bool:
    """Whether the draft followed the last `matched` tokens somewhere before, or goes on a loop that reaches the end."""
    whole = [*tokens, *draft]
    end = tokens[len(tokens) - matched :]
    return any(
        tokens[place - matched : place] == end and tuple(whole[place : place + len(draft)]) == draft
        for place in range(matched, len(tokens))
    )


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_a_proposal_is_always_a_continuation_that_occurred(start: list[int], rest: list[int], most: int) -> None:
    tokens = list(start)
    index = DraftIndex(tokens)
    for token in [*rest, 0]:
        draft = index.propose(most)
        if draft is not None:
            assert len(draft.tokens) == most
            assert draft.matched >= GRAM
            assert occurs(tokens, draft.tokens, draft.matched)
        tokens.append(token)


@given(TEXTS)
def test_an_index_that_grows_knows_what_one_made_at_once_knows(tokens: list[int]) -> None:
    growing: list[int] = []
    index = DraftIndex(growing)
    for token in tokens:
        growing.append(token)
        assert index.propose(5) == DraftIndex(list(growing)).propose(5)


def test_nothing_is_proposed_where_nothing_has_stood_before() -> None:
    assert DraftIndex(list(range(100))).propose(4) is None


def test_no_tokens_are_proposed_when_none_are_wanted() -> None:
    assert DraftIndex([1, 2, 3] * 3).propose(0) is None


def test_the_longest_agreement_wins_over_the_latest_place() -> None:
    tokens = [9, 8, 1, 2, 3, 50, 7, 7, 1, 2, 3, 60, 9, 8, 1, 2, 3]
    draft = DraftIndex(tokens).propose(1)
    assert draft is not None
    assert (draft.tokens, draft.matched) == ((50,), 5)


def test_of_equal_agreements_the_latest_wins() -> None:
    draft = DraftIndex([0, 1, 2, 3, 50, 0, 1, 2, 3, 60, 0, 1, 2, 3]).propose(1)
    assert draft is not None
    assert draft.tokens == (60,)


def test_a_loop_goes_on_beyond_the_end() -> None:
    draft = DraftIndex([5, 6, 5, 6, 5, 6]).propose(5)
    assert draft is not None
    assert draft.tokens == (5, 6, 5, 6, 5)


def test_only_the_latest_places_are_looked_at_in_a_text_full_of_them() -> None:
    best = [9, 9, 9, 1, 2, 3, 50]
    tokens = best + [7, 1, 2, 3, 60] * CANDIDATES + [9, 9, 9, 1, 2, 3]
    draft = DraftIndex(tokens).propose(1)
    assert draft is not None
    assert draft.tokens == (60,)
