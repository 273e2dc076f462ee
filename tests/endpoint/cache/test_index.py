from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from endpoint.cache.index import Match, PrefixIndex, common_length

sequences = st.lists(st.integers(0, 2), max_size=12).map(tuple)


def naive_common(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


class IndexAgainstADictionary(RuleBasedStateMachine):
    """The tree must say what a plain dictionary of sequences says."""

    entries = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self.index = PrefixIndex()
        self.model: dict[int, tuple[int, ...]] = {}
        self.next = 0

    @rule(target=entries, tokens=sequences)
    def insert(self, tokens: tuple[int, ...]) -> int:
        self.next += 1
        self.index.insert(self.next, tokens)
        self.model[self.next] = tokens
        return self.next

    @rule(entry=consumes(entries))
    def remove(self, entry: int) -> None:
        self.index.remove(entry)
        del self.model[entry]

    @rule(tokens=sequences)
    def match_longest(self, tokens: tuple[int, ...]) -> None:
        best = max((naive_common(held, tokens) for held in self.model.values()), default=0)
        match = self.index.match_longest(tokens)
        assert (match.depth if match else 0) == best
        if match:
            assert self.model[match.entry][:best] == tokens[:best]

    @rule(tokens=sequences)
    def match_whole(self, tokens: tuple[int, ...]) -> None:
        lengths = [len(held) for held in self.model.values() if held == tokens[: len(held)]]
        match = self.index.match_whole(tokens)
        assert (match.depth if match else 0) == max(lengths, default=0)
        if match:
            assert self.model[match.entry] == tokens[: match.depth]

    @rule(tokens=sequences)
    def covered_by(self, tokens: tuple[int, ...]) -> None:
        expected = {entry for entry, held in self.model.items() if held == tokens[: len(held)]}
        assert set(self.index.covered_by(tokens)) == expected

    @invariant()
    def sizes_agree(self) -> None:
        assert len(self.index) == len(self.model)


TestIndexAgainstADictionary = IndexAgainstADictionary.TestCase
TestIndexAgainstADictionary.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.integers(0, 700), st.integers(0, 700), st.integers(0, 700))
def test_the_common_length_is_exact_around_block_borders(same: int, left: int, right: int) -> None:
    shared = tuple(range(same))
    assert common_length(shared + (-1,) * left, shared + (-2,) * right) == same


def test_a_long_entry_matches_in_its_middle() -> None:
    index = PrefixIndex()
    index.insert(7, range(1000))
    assert index.match_longest([*range(600), -1, -2]) == Match(7, 600)
    assert index.match_whole(range(999)) is None
    assert index.match_whole(range(1200)) == Match(7, 1000)


def test_nothing_matches_an_empty_index_or_prompt() -> None:
    index = PrefixIndex()
    assert index.match_longest([1, 2]) is None
    index.insert(1, [1, 2])
    assert index.match_longest([]) is None
