from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoint.cache.disk.names import name_note
from endpoint.cache.disk.notes import pack_note, read_note_file, read_noted_entry
from endpoint.cache.disk.store import Found, Note
from tests.endpoint.cache.disk.rig import MODEL, file_names, make_state, name_of, opened

ENTRY = name_of(make_state(1))
NOTE = Note("key:täg/../x", ENTRY, {"messages": ["hé\ud800"], "n": 1}, 12.5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / name_note(NOTE.name)
    path.write_bytes(pack_note(NOTE))
    return path


def test_what_was_noted_is_read(path: Path) -> None:
    assert read_note_file(path) == NOTE
    assert read_noted_entry(path) == ENTRY


def test_views_of_objects_are_written_as_objects(path: Path) -> None:
    path.write_bytes(pack_note(Note(NOTE.name, ENTRY, MappingProxyType({"a": MappingProxyType({"b": 1})}))))
    assert read_note_file(path).content == {"a": {"b": 1}}


def test_each_byte_of_it_counts(path: Path) -> None:
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ValueError, match=r"written|another"):
            read_note_file(path)
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"written|another"):
            read_note_file(path)


def test_a_note_in_another_ones_place_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="another note's"):
        read_note_file(path.rename(path.with_name(name_note("other"))))


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_no_entry_is_made_up(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.note"
    for text in (content, b"x\n" + content):
        path.write_bytes(text)
        assert read_noted_entry(path) is None
    assert read_noted_entry(path.with_name("missing")) is None


def test_notes_survive_are_replaced_and_dropped(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        entry = shop.save(make_state(1)).entry
        for number in range(3):
            shop.store.put_note(Note("key:a", entry.id, {"version": number}, 1.0))
        shop.store.put_note(Note("key:b", entry.id, {}, 2.0))
        shop.store.put_note(Note("key:c", entry.id, {}, 3.0))
        shop.store.drop_note("key:b")
        shop.store.drop_note("never there")
    with opened(tmp_path) as shop:
        notes = {note.name: note for note in shop.take(Found).notes}
    assert notes == {"key:a": Note("key:a", entry.id, {"version": 2}, 1.0), "key:c": Note("key:c", entry.id, {}, 3.0)}


def test_a_damaged_note_is_none_and_the_others_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as shop:
        entry = shop.save(make_state(1)).entry
        for name in "ab":
            shop.store.put_note(Note(name, entry.id, {"secret": "words"}))
    path = tmp_path / MODEL / "notes" / name_note("a")
    path.write_bytes(path.read_bytes().replace(b"words", b"worms"))
    with opened(tmp_path) as shop:
        assert [note.name for note in shop.take(Found).notes] == ["b"]
    assert len(caplog.records) == 1
    assert "worms" not in caplog.text
    assert not path.exists()


def test_a_note_without_its_entry_goes_at_the_next_start(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        entry = shop.save(make_state(1)).entry
        shop.save(make_state(2))
        shop.store.put_note(Note("a", entry.id, {}))
        shop.settle()
        shop.store.delete(entry.id)
    with opened(tmp_path) as shop:
        assert shop.take(Found).notes == ()
    assert file_names(tmp_path) == {f"{name_of(make_state(2))}.state"}


def test_a_note_that_is_too_long_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as shop:
        entry = shop.save(make_state(1)).entry
        shop.store.put_note(Note("a", entry.id, {"text": "x" * (17 << 20)}))
        shop.settle()
    assert "A note was not kept" in caplog.text
    assert file_names(tmp_path) == {f"{entry.id}.state"}
