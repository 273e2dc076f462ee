from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cache.disk.folder import FolderStore
from endpoint.cache.disk.store import DiskBudget, Found, Gone, Loaded, Note, NotLoaded, NotSaved, Saved
from endpoint.providers.saved_state import SavedState
from tests.endpoint.cache.disk.rig import MODEL, Listener, file_names, make_state, measure, name_of, opened, same

STATE = make_state(1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "prefixes"


def test_what_is_saved_is_loaded(root: Path) -> None:
    with opened(root) as shop:
        entry_id = shop.store.save(STATE)
        assert shop.take(Saved).entry.id == entry_id
        shop.store.load(entry_id)
        assert same(shop.take(Loaded).state, STATE)


def test_it_is_found_by_the_next_one(root: Path) -> None:
    state = replace(STATE, checkpoints=(2, 3))
    with opened(root) as shop:
        assert shop.take(Found) == Found((), ())
        saved = shop.save(state).entry
    with opened(root) as shop:
        (entry,) = shop.take(Found).entries
        assert (entry.id, entry.tokens, entry.checkpoints) == (saved.id, state.tokens, (2, 3))
        assert entry.bytes == saved.bytes == (root / MODEL / f"{entry.id}.state").stat().st_size
        shop.store.load(entry.id)
        assert same(shop.take(Loaded).state, state)


def test_nothing_is_made_before_something_is_saved(root: Path) -> None:
    with opened(root) as shop:
        shop.take(Found)
    assert not root.exists()


def test_the_same_prefix_is_written_once(root: Path) -> None:
    with opened(root) as shop:
        first = shop.save(STATE).entry
        path = root / MODEL / f"{first.id}.state"
        number = path.stat().st_ino
        os.utime(path, (5, 5))
        assert shop.save(STATE).entry.id == first.id
        assert path.stat().st_ino == number
        assert path.stat().st_mtime > 5, "it wasn't used"
        assert shop.save(replace(STATE, checkpoints=(3,))).entry.id != first.id


def test_it_counts_what_is_there(root: Path) -> None:
    with opened(root) as shop:
        entry = shop.save(make_state(1, 5000)).entry
        assert shop.store.bytes == measure(root) > 5000
        shop.store.delete(entry.id)
        assert shop.take(Gone) == Gone((entry.id,))
        assert shop.store.bytes == measure(root) < 500


def test_delete_also_takes_back_what_waits(root: Path) -> None:
    with opened(root, most_pending=10**9) as shop:
        shop.take(Found)
        for number in range(20):
            shop.store.save(make_state(number, 10_000))
        shop.store.delete(name_of(make_state(19)))
        shop.settle()
        shop.take(Gone)
    assert f"{name_of(make_state(19))}.state" not in file_names(root)


def test_clear_leaves_nothing_of_any_model(root: Path) -> None:
    with opened(root, "beef") as other:
        other.save(STATE)
    with opened(root) as shop:
        entry = shop.save(STATE).entry
        shop.store.put_note(Note("key:a", entry.id, {"tokens": 3}))
        shop.store.save(make_state(2, 10**6))
        shop.store.clear()
        assert set(shop.take(Gone).entry_ids) <= {entry.id, name_of(make_state(2))}
        shop.settle()
        assert not file_names(root)
        assert shop.store.bytes == 0
        shop.save(STATE)
        assert file_names(root) == {f"{entry.id}.state"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_can_read_it(root: Path) -> None:
    with opened(root) as shop:
        entry = shop.save(STATE).entry
        shop.store.put_note(Note("key:a", entry.id, {}))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items()), modes


def test_an_entry_that_another_process_removed_is_gone(root: Path) -> None:
    with opened(root) as shop:
        first, second = shop.save(make_state(1)).entry, shop.save(make_state(2)).entry
        (root / MODEL / f"{first.id}.state").unlink()
        shop.store.touch(second.id)
        assert shop.take(Gone) == Gone((first.id,))


def test_an_entry_that_vanished_is_not_loaded(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(root) as shop:
        entry = shop.save(STATE).entry
        (root / MODEL / f"{entry.id}.state").unlink()
        shop.store.load(entry.id)
        assert "there is no such file" in shop.take(NotLoaded).reason
        shop.store.load("../../etc/passwd")
        assert "no entry's id" in shop.take(NotLoaded).reason


def test_too_much_that_waits_is_not_saved(root: Path) -> None:
    listener = Listener()
    store = FolderStore(root, MODEL, {"model": "m"}, DiskBudget(10**9), listener.post, most_pending=1000)
    store.save(make_state(1, 900))
    store.save(make_state(2, 900))
    assert store.pending_bytes == 900
    store.start()
    assert "too much waits" in listener.take(NotSaved).reason
    assert listener.take(Saved).entry.id == name_of(make_state(1))
    assert store.close(5)
    assert store.pending_bytes == 0


def test_one_that_is_larger_than_that_is_saved_alone(root: Path) -> None:
    with opened(root, most_pending=10) as shop:
        assert shop.save(make_state(1, 5000)).entry.bytes > 5000


def test_what_was_asked_for_is_done_before_the_end(root: Path) -> None:
    with opened(root) as shop:
        for number in range(5):
            shop.store.save(make_state(number))
        shop.store.put_note(Note("key:a", name_of(make_state(1)), {}))
        assert shop.store.close(20)
    assert len(file_names(root)) == 6


def test_what_has_no_time_leaves_no_trace(root: Path) -> None:
    with opened(root) as shop:
        shop.take(Found)
        shop.store.save(make_state(1, 50 << 20))
        assert not shop.store.close(0)
        shop.store._thread.join(20)
    assert not root.exists() or not file_names(root)


def test_a_fingerprint_is_no_path(root: Path) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        FolderStore(root, "../elsewhere", {}, DiskBudget(1), lambda event: None)


def test_large_states_come_back_whole_and_can_be_written_to(root: Path) -> None:
    state = SavedState(tuple(range(1000)), (), "x", (os.urandom(20 << 20), b"", os.urandom(5)))
    with opened(root) as shop:
        entry = shop.save(state).entry
        shop.store.load(entry.id)
        loaded = shop.take(Loaded).state
        assert same(loaded, state)
        assert not any(memoryview(part).readonly for part in loaded.parts)
