"""The budget on the disk: over all models, by age and by what is free."""

from __future__ import annotations

import os
import shutil
import time
from collections import namedtuple
from pathlib import Path

import pytest

from endpoint.cache.disk import room
from endpoint.cache.disk.lock import hold_lock
from endpoint.cache.disk.store import DiskBudget, Found, Gone, Note, NotSaved
from endpoint.providers.file_draft import FileDraft
from tests.endpoint.cache.disk.rig import MODEL, file_names, make_state, measure, name_of, opened

Usage = namedtuple("Usage", "total used free")
"""As shutil's own."""


def set_used(root: Path, number: int, ago_s: float, model: str = MODEL) -> None:
    """As if the prefix had been used so long ago."""
    at = time.time() - ago_s
    os.utime(root / model / f"{name_of(make_state(number))}.state", (at, at))


def numbers_in(root: Path, among: int = 10) -> list[int]:
    return [number for number in range(among) if f"{name_of(make_state(number))}.state" in file_names(root)]


def test_the_least_recently_used_goes_for_a_new_one_and_is_reported(tmp_path: Path) -> None:
    with opened(tmp_path, budget=10_000) as shop:
        for number in range(3):
            shop.save(make_state(number, 2500))
            set_used(tmp_path, number, 100 - number)
        shop.store.touch(name_of(make_state(0)))
        shop.settle()
        shop.save(make_state(3, 2500))
        assert shop.take(Gone) == Gone((name_of(make_state(1)),))
        assert numbers_in(tmp_path) == [0, 2, 3]
        assert shop.store.bytes == measure(tmp_path) <= 10_000


def test_the_budget_is_for_all_models_together(tmp_path: Path) -> None:
    with opened(tmp_path, "beef", budget=10_000) as other:
        for number in range(3):
            other.save(make_state(number, 2500))
            set_used(tmp_path, number, 100 - number, "beef")
    with opened(tmp_path, budget=10_000) as shop:
        shop.save(make_state(4, 4500))
    assert numbers_in(tmp_path) == [2, 4]
    assert measure(tmp_path) <= 10_000


def test_what_a_note_needs_goes_last_also_if_it_is_another_models(tmp_path: Path) -> None:
    with opened(tmp_path, "beef", budget=10_000) as other:
        entry = other.save(make_state(0, 2500)).entry
        other.store.put_note(Note("key:a", entry.id, {"tokens": 3}))
    set_used(tmp_path, 0, 1000, "beef")
    with opened(tmp_path, budget=10_000) as shop:
        for number in range(1, 5):
            shop.save(make_state(number, 2500))
            set_used(tmp_path, number, 100 - number)
        assert numbers_in(tmp_path) == [0, 3, 4]
        shop.save(make_state(5, 9000))
        assert numbers_in(tmp_path) == [5]


def test_a_note_doesnt_cost_its_own_entry(tmp_path: Path) -> None:
    with opened(tmp_path, budget=10_000) as shop:
        entry = shop.save(make_state(1, 9000)).entry
        shop.store.put_note(Note("key:a", entry.id, {"text": "x" * 5000}))
        shop.settle()
        assert numbers_in(tmp_path) == [1]
        assert shop.store.bytes == measure(tmp_path) <= 10_000


def test_one_larger_than_the_budget_is_not_saved_and_costs_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, budget=10_000) as shop:
        shop.save(make_state(1, 5000))
        shop.store.save(make_state(2, 20_000))
        assert "more than all saved prefixes may have" in shop.take(NotSaved).reason
        assert numbers_in(tmp_path) == [1]


def test_a_smaller_budget_holds_from_the_start(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        for number in range(4):
            shop.save(make_state(number, 2500))
            set_used(tmp_path, number, 100 - number)
    with opened(tmp_path, budget=6000) as shop:
        assert {entry.id for entry in shop.take(Found).entries} == {name_of(make_state(2)), name_of(make_state(3))}


def test_old_ones_go_at_the_start_with_their_folder(tmp_path: Path) -> None:
    with opened(tmp_path, "beef") as other:
        other.save(make_state(0))
    set_used(tmp_path, 0, 2000, "beef")
    with opened(tmp_path) as shop:
        for number in (1, 2):
            shop.save(make_state(number))
        set_used(tmp_path, 1, 2000)
    with opened(tmp_path, budget=DiskBudget(10**9, max_age_s=1000)) as shop:
        assert [entry.id for entry in shop.take(Found).entries] == [name_of(make_state(2))]
    assert {path.name for path in tmp_path.iterdir()} == {".lock", MODEL}


def test_what_a_crash_left_goes_and_what_is_being_written_stays_and_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.save(make_state(1))
    left = tmp_path / MODEL / f".{name_of(make_state(5))}.state.abc.tmp"
    left.write_bytes(b"x" * 9000)
    draft = FileDraft(tmp_path / MODEL / f"{name_of(make_state(6))}.state", 4000)
    try:
        with opened(tmp_path, budget=10_000) as shop:
            assert len(shop.take(Found).entries) == 1
            assert not left.exists()
            assert shop.store.bytes == measure(tmp_path) > 4000
            shop.store.save(make_state(7, 7000))
            assert "no room" in shop.take(NotSaved).reason
    finally:
        draft.drop()


def test_the_disk_keeps_a_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 1_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2_000_000, 0, free))
    with opened(tmp_path) as shop:
        shop.save(make_state(1, 2000))
        set_used(tmp_path, 1, 100)
        shop.save(make_state(2, 2000))
        free = 101_000  # of which 100,000 are the reserve
        shop.save(make_state(3, 2000))
        assert numbers_in(tmp_path) == [2, 3]
        free = 50_000
        shop.store.save(make_state(4, 2000))
        assert "no room" in shop.take(NotSaved).reason
        assert numbers_in(tmp_path) == [2, 3], "it removed something in vain"


def test_without_a_lock_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOCK_S", 0.01)
    with opened(tmp_path) as shop:
        shop.save(make_state(1))
        with hold_lock(tmp_path / ".lock", 5) as held:
            assert held
            shop.save(make_state(2))
    assert numbers_in(tmp_path) == [1, 2]


def test_prefixes_of_the_same_model_that_something_else_made_are_told(tmp_path: Path) -> None:
    facts = {"model": "tiny", "chat template": "a", "library": "1"}
    for model, used_ago, other in (
        ("aaaa", 50, facts | {"chat template": "b"}),
        ("bbbb", 100, facts | {"library": "2"}),
        ("cccc", 10, facts | {"model": "another", "library": "3"}),
    ):
        with opened(tmp_path, model, about=other) as shop:
            shop.save(make_state(1))
        set_used(tmp_path, 1, used_ago, model)
    (tmp_path / "dddd").mkdir()
    (tmp_path / "dddd" / "about.json").write_text("[" * 100_000)
    with opened(tmp_path, about=facts) as shop:
        assert shop.take(Found).strangers == ("chat template",)
