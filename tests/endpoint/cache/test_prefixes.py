from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.cache.index import common_length
from endpoint.cache.prefixes import PrefixCache
from endpoint.cache.residency import WORTH_KEEPING
from endpoint.providers.base import Prefix, Reuse
from endpoint.providers.stops import thin_out


@dataclass
class Holder:
    """Counts a byte a token, ten a checkpoint before the end."""

    ram: dict[int, int] = field(default_factory=dict)

    def hold(self, number: int, tokens: tuple[int, ...], *checkpoints: int) -> Prefix:
        self.ram[number] = len(tokens) + 10 * len(checkpoints[:-1])
        return Prefix(number, tokens, checkpoints)

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        return self.hold(prefix.id, prefix.tokens, *thin_out(prefix.checkpoints, most))

    def held_bytes(self) -> int:
        return sum(self.ram.values())

    def release(self, prefix: Prefix) -> None:
        del self.ram[prefix.id]


def make(budget: int = 10_000, *, trimmable: bool = True) -> tuple[Holder, PrefixCache]:
    holder = Holder()
    return holder, PrefixCache(holder, trimmable=trimmable, budget_bytes=budget)


A, B = tuple(range(100)), tuple(range(50)) + tuple(range(1000, 1050))


def test_a_prompt_takes_up_the_longest_beginning() -> None:
    holder, cache = make()
    first, second = holder.hold(1, A), holder.hold(2, B)
    cache.add(first)
    cache.add(second)
    assert cache.find((*range(80), -1)) == Reuse(first, 80)
    assert cache.find((*B, 5)) == Reuse(second, 100)


def test_an_exact_hit_leaves_one_token_to_replay() -> None:
    holder, cache = make()
    prefix = holder.hold(1, A)
    cache.add(prefix)
    assert cache.find(A) == Reuse(prefix, 99)


def test_state_that_cannot_be_cut_is_taken_up_at_its_checkpoints_only() -> None:
    holder, cache = make(trimmable=False)
    prefix = holder.hold(1, A, 40, 70, 100)
    cache.add(prefix)
    assert cache.find((*A, 7)) == Reuse(prefix, 100)
    assert cache.find((*A[:99], 7)) == Reuse(prefix, 70)
    assert cache.find(A[:70]) == Reuse(prefix, 40)
    assert cache.find((*A[:39], 7)) is None
    assert cache.known((*A[:99], 7)) == 99


def test_a_checkpoint_that_leaves_one_token_before_the_last_is_passed_over() -> None:
    holder, cache = make(trimmable=False)
    prefix = holder.hold(1, A, 40, 70, 100)
    cache.add(prefix)
    assert cache.find((*A[:70], 7, 8)) == Reuse(prefix, 40)
    assert cache.find((*A[:70], 7, 8, 9)) == Reuse(prefix, 70)


def test_a_prefix_is_replaced_by_a_longer_one_that_can_be_taken_up_at_its_end() -> None:
    holder, cache = make(trimmable=False)
    cache.add(holder.hold(1, A[:60], 40, 60))
    cache.add(holder.hold(2, A, 50, 100))
    assert set(holder.ram) == {1, 2}
    cache.add(holder.hold(3, (*A, 7), 40, 60, 101))
    assert set(holder.ram) == {2, 3}


def test_what_is_held_with_all_its_checkpoints_is_not_held_again() -> None:
    holder, cache = make(trimmable=False)
    cache.add(holder.hold(1, A, 40, 100))
    assert cache.holds(A, (40,))
    assert not cache.holds(A, (40, 50))
    assert not cache.holds(B, (100,))
    cache.add(holder.hold(2, A, 40, 100))
    cache.add(holder.hold(3, A[:40], 40))
    assert set(holder.ram) == {1}
    cache.add(holder.hold(4, A, 50, 100))
    assert set(holder.ram) == {4}


def test_checkpoints_go_before_what_they_belong_to_the_middle_ones_first() -> None:
    holder, cache = make(budget=125, trimmable=False)
    cache.add(holder.hold(1, A, 40, 60, 80, 100))
    assert holder.ram == {1: 110}
    assert isinstance(reuse := cache.find((*A[:70], 7)), Reuse)
    assert reuse.depth == 40
    cache.add(holder.hold(2, tuple(range(5000, 5010)), 10))
    assert holder.ram == {1: 110}, "too little to be held"
    holder.ram[3] = 20
    assert cache.keep_to_budget()
    assert holder.ram == {1: 100, 3: 20}
    assert cache.find((*A[:70], 7)) is None
    assert isinstance(cache.find((*A, 7)), Reuse)


def test_forgotten_prefixes_leave_no_checkpoint_behind() -> None:
    holder, cache = make(budget=150, trimmable=False)
    cache.add(holder.hold(1, A, 40, 100))
    cache.add(holder.hold(2, B, 60, 100))
    assert set(holder.ram) == {2}
    assert cache.find((*A, 7)) is None
    assert cache.known(A) == 50


def test_too_little_is_not_worth_it() -> None:
    holder, cache = make()
    cache.add(holder.hold(1, A))
    assert cache.find((*A[: WORTH_KEEPING - 1], -1)) is None
    cache.add(holder.hold(2, (9,) * (WORTH_KEEPING - 1)))
    assert len(cache) == 1


def test_a_longer_prefix_replaces_what_it_contains() -> None:
    holder, cache = make()
    cache.add(holder.hold(1, A[:60]))
    cache.add(holder.hold(2, A))
    assert (len(cache), set(holder.ram)) == (1, {2})
    cache.add(holder.hold(3, A[:70]))
    assert (len(cache), set(holder.ram)) == (1, {2})


def test_the_least_recently_used_goes_first() -> None:
    holder, cache = make(budget=250)
    first = holder.hold(1, tuple(range(1000, 1100)))
    cache.add(first)
    cache.add(holder.hold(2, tuple(range(2000, 2100))))
    cache.touch(first)
    cache.add(holder.hold(3, tuple(range(3000, 3100))))
    assert set(holder.ram) == {1, 3}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 1), min_size=1, max_size=6)), max_size=40),
    st.integers(0, 2000),
    st.booleans(),
)
def test_whatever_happens_budgets_hold_and_matches_are_true(
    steps: list[tuple[bool, list[int]]], budget: int, trimmable: bool
) -> None:
    holder, cache = make(budget, trimmable=trimmable)
    held: dict[int, tuple[int, ...]] = {}
    for number, (adds, shape) in enumerate(steps):
        tokens = tuple(token for value in shape for token in [value] * 40)
        if adds:
            held[number] = tokens
            cache.add(holder.hold(number, tokens, *(() if trimmable else range(40, len(tokens) + 1, 40))))
        else:
            reuse = cache.find(tokens)
            if reuse is not None:
                assert isinstance(reuse.source, Prefix)
                assert reuse.depth < len(tokens)
                assert common_length(held[reuse.source.id], tokens) >= reuse.depth
                assert trimmable or reuse.depth in reuse.source.checkpoints
                cache.touch(reuse.source)
        assert holder.held_bytes() <= budget
        assert len(cache) == len(holder.ram)
