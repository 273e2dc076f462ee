from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoint.cache.disk.budget import choose_disk_budget, choose_reserve, choose_victims
from endpoint.cache.disk.inventory import Kind, StoredFile

GIB = 1 << 30
FILES = st.lists(
    st.builds(
        StoredFile,
        st.integers(0, 30).map(lambda number: Path(f"{number}.state")),
        st.sampled_from(Kind),
        st.integers(0, 100),
        st.floats(0, 1000),
    ),
    max_size=30,
    unique_by=lambda file: file.path,
)


@pytest.mark.parametrize(
    ("free", "budget"), [(0, 0), (-1, 0), (8 * GIB, 2 * GIB), (40 * GIB, 10 * GIB), (400 * GIB, 10 * GIB)]
)
def test_the_budget_is_a_quarter_of_what_is_free_and_at_most_ten(free: int, budget: int) -> None:
    assert choose_disk_budget(free) == budget


def test_a_twentieth_of_a_small_disk_stays_free() -> None:
    assert choose_reserve(2 << 20) == (2 << 20) // 20
    assert choose_reserve(GIB * 1000) == 512 << 20


def entry(name: str, used_at_s: float, size: int = 10, kind: Kind = Kind.ENTRY) -> StoredFile:
    return StoredFile(Path(name), kind, size, used_at_s)


def names(victims: list[StoredFile] | None) -> list[str]:
    assert victims is not None
    return [str(victim.path) for victim in victims]


def test_the_least_recently_used_go_and_no_more_than_needed() -> None:
    files = [entry("c", 3), entry("a", 1), entry("b", 2)]
    assert names(choose_victims(files, set(), 0)) == []
    assert names(choose_victims(files, set(), 11)) == ["a", "b"]
    assert choose_victims(files, set(), 31) is None


def test_what_is_noted_goes_after_the_others_and_notes_at_the_end() -> None:
    files = [entry("note", 0, 1, Kind.NOTE), entry("noted", 1), entry("draft", 0, 50, Kind.DRAFT), entry("new", 9)]
    assert names(choose_victims(files, {Path("noted")}, 5)) == ["new"]
    assert names(choose_victims(files, {Path("noted")}, 21)) == ["new", "noted", "note"]
    assert choose_victims(files, {Path("noted")}, 22) is None


def test_what_is_spared_stays() -> None:
    assert names(choose_victims([entry("a", 1), entry("b", 2)], set(), 5, Path("a"))) == ["b"]
    assert choose_victims([entry("a", 1)], set(), 5, Path("a")) is None


@given(files=FILES, excess=st.integers(0, 500), noted=st.sets(st.integers(0, 30)))
def test_enough_goes_or_nothing(files: list[StoredFile], excess: int, noted: set[int]) -> None:
    pinned = {Path(f"{number}.state") for number in noted}
    victims = choose_victims(files, pinned, excess)
    ours = [file for file in files if file.kind in {Kind.ENTRY, Kind.NOTE}]
    if victims is None:
        assert sum(file.size for file in ours) < excess
    else:
        assert sum(file.size for file in victims) >= excess
        assert sum(file.size for file in victims[:-1]) < excess or not victims
        assert set(victims) <= set(ours)
