"""Files that are cut or changed: each is refused, or is what was saved, and never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from endpoint.cache.disk.store import Found, Loaded, NotLoaded
from endpoint.providers.saved_state import SavedState
from tests.endpoint.cache.disk.rig import MODEL, Opened, file_names, name_of, opened, same

STATE = SavedState(tuple(range(40)), (7, 40), '{"kind": "test"}', (b"abc" * 50, b"", bytes(range(256))))
ROUNDS = 200


def damage(content: bytes, dice: random.Random) -> bytes:
    """Cut, flipped in one bit, filled with zeros, lengthened, or with two places exchanged."""
    place = dice.randrange(len(content))
    match dice.randrange(5):
        case 0:
            return content[:place]
        case 1:
            return content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :]
        case 2:
            return content[:place] + bytes(len(content) - place)
        case 3:
            return content + content[place:]
        case _:
            return content[place:] + content[:place]


def load(shop: Opened) -> SavedState | None:
    """What comes of it."""
    shop.store.load(name_of(STATE))
    shop.settle()
    kinds = [event for event in shop.listener.events if isinstance(event, (Loaded, NotLoaded))]
    (event,) = kinds
    shop.listener.events.remove(event)
    return event.state if isinstance(event, Loaded) else None


def test_damaged_files_are_never_taken_for_something_else(tmp_path: Path) -> None:
    dice = random.Random(1)
    refused = 0
    with opened(tmp_path) as shop:
        shop.save(STATE)
        path = tmp_path / MODEL / f"{name_of(STATE)}.state"
        content = path.read_bytes()
        for _ in range(ROUNDS):
            path.write_bytes(damage(content, dice))
            loaded = load(shop)
            refused += loaded is None
            assert same(loaded, STATE) if loaded is not None else not path.exists()
    assert refused > ROUNDS // 2


def test_damaged_files_are_not_found_and_are_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as shop:
        shop.save(STATE)
    path = tmp_path / MODEL / f"{name_of(STATE)}.state"
    content = path.read_bytes()
    for number in range(3):
        path.with_name(f"{number:032x}.state").write_bytes(content)  # whole, but another's name
    path.with_name(f"{7:032x}.state").write_bytes(content[:-1])
    path.with_name(f"{8:032x}.state").write_bytes(b"")
    path.with_name(f"{9:032x}.state").write_bytes(content.replace(b'"f00d"', b'"beef"'))
    with opened(tmp_path) as shop:
        assert [entry.id for entry in shop.take(Found).entries] == [name_of(STATE)]
    assert file_names(tmp_path) == {path.name}
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("6 saved prefixes can't be used. The first: ")


def test_one_that_is_damaged_is_written_again(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.save(STATE)
        path = tmp_path / MODEL / f"{name_of(STATE)}.state"
        path.write_bytes(path.read_bytes()[:-5])
        shop.save(STATE)
        loaded = load(shop)
        assert loaded is not None
        assert same(loaded, STATE)
