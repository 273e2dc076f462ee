from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.cache.index import common_length
from endpoint.cache.prefixes import PrefixCache
from endpoint.cache.residency import WORTH_KEEPING
from endpoint.providers.base import Prefix, Reuse


@dataclass
class Holder:
    """Counts a byte a token."""

    ram: dict[int, int] = field(default_factory=dict)

    def hold(self, number: int, tokens: tuple[int, ...]) -> Prefix:
        self.ram[number] = len(tokens)
        return Prefix(number, tokens)

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


def test_state_that_cannot_be_cut_is_used_whole_or_not_at_all() -> None:
    holder, cache = make(trimmable=False)
    prefix = holder.hold(1, A)
    cache.add(prefix)
    assert cache.find((*A, 7)) == Reuse(prefix, 100)
    assert cache.find(A) is None
    assert cache.find((*A[:80], 7)) is None


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
)
def test_whatever_happens_budgets_hold_and_matches_are_true(steps: list[tuple[bool, list[int]]], budget: int) -> None:
    holder, cache = make(budget)
    held: dict[int, tuple[int, ...]] = {}
    for number, (adds, shape) in enumerate(steps):
        tokens = tuple(token for value in shape for token in [value] * 40)
        if adds:
            held[number] = tokens
            cache.add(holder.hold(number, tokens))
        else:
            reuse = cache.find(tokens)
            if reuse is not None:
                assert isinstance(reuse.source, Prefix)
                assert reuse.depth < len(tokens)
                assert common_length(held[reuse.source.id], tokens) >= reuse.depth
                cache.touch(reuse.source)
        assert holder.held_bytes() <= budget
        assert len(cache) == len(holder.ram)
