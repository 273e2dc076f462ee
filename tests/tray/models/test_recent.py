from __future__ import annotations

import json
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from tray.models.recent import MOST, load_recent, remember_recent


def refs(*names: str) -> tuple[ModelRef, ...]:
    return tuple(ModelRef("llamacpp", name) for name in names)


def test_the_newest_comes_first_and_each_only_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "recent.json"
    for name in ("a", "b", "a", "c"):
        remember_recent(path, ModelRef("llamacpp", name))
    assert load_recent(path) == refs("c", "a", "b")
    assert [each.name for each in path.parent.iterdir()] == ["recent.json"]


def test_the_oldest_give_way(tmp_path: Path) -> None:
    for number in range(MOST + 5):
        recent = remember_recent(tmp_path / "r", ModelRef("mlx", f"m{number}"))
    assert recent == load_recent(tmp_path / "r")
    assert [each.model for each in recent] == [f"m{number}" for number in range(MOST + 4, 4, -1)]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"recent": 3}', '{"recent": {}}', "\0", "[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(content)
    assert load_recent(tmp_path / "r") == ()
    assert remember_recent(tmp_path / "r", ModelRef("mlx", "m")) == (ModelRef("mlx", "m"),)


def test_entries_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    odd: list[object] = [
        None,
        3,
        {},
        {"provider": "mlx"},
        {"provider": 1, "model": "m"},
        {"provider": "", "model": "m"},
    ]
    odd += [{"provider": "mlx", "model": "x" * 5000}, {"provider": "mlx", "model": "a\0b"}]
    listed = [*odd, {"provider": "mlx", "model": "m", "later": True}]
    (tmp_path / "r").write_text(json.dumps({"recent": listed}))
    assert load_recent(tmp_path / "r") == (ModelRef("mlx", "m"),)


def test_a_file_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with pytest.raises(OSError, match=r"."):
        remember_recent(tmp_path / "r", ModelRef())
