"""What is on this machine, told alike by the table, the JSON and the menu, for a home with models from all sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.tray.models.homes import HEADER, add_gguf, move_in
from tests.tray.models.test_discovery import furnish
from tray.__main__ import main
from tray.looking import look_around
from tray.menu.choices import MOST_MODELS
from tray.menu.items import MAX_LABEL, Item, shorten
from tray.menu.menu import build_menu
from tray.models.model import TITLES, Place
from tray.paths import find_paths
from tray.state import AppState

MANY = MOST_MODELS + 5


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All seven sources and the starter; whole, split, torn, half-downloaded and lost models, links in a circle."""
    monkeypatch.setenv("COLUMNS", "200")
    move_in(tmp_path, monkeypatch, *furnish(tmp_path))
    add_gguf(tmp_path / "own" / "lacking-00001-of-00002.gguf", {**HEADER, "split.count": 2})
    (tmp_path / "own" / "coming.gguf.part").touch()
    (tmp_path / "hub" / "models--ada--hub-GGUF" / "snapshots" / "abc" / "lost.gguf").symlink_to("../../blobs/none")
    for number in range(MANY):
        add_gguf(tmp_path / "llama.cpp" / f"m{number:02}.gguf")
    return tmp_path


def read_table(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each place with its lines, without the column of the star."""
    for paragraph in text.split("\n\n")[1:]:
        heading, *rows = paragraph.splitlines()
        yield heading, [row[2:] for row in rows]


def find_groups(items: Sequence[Item]) -> dict[str, list[str]]:
    """The places under Model, with their lines."""
    [menu] = [item for item in items if item.label.startswith("Model: ")]
    return {item.label: [line.label for line in item.children] for item in menu.children if item.children}


@pytest.mark.usefixtures("home")
def test_table_json_and_menu_tell_of_the_same_models_problems_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    told: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["models"]
    assert main(["models"]) == 0
    table = dict(read_table(capsys.readouterr().out))
    menu = find_groups(build_menu(AppState(around=look_around(find_paths()))))
    groups = {TITLES[Place(place)]: list(found) for place, found in groupby(told, key=lambda each: each["place"])}
    assert list(table) == list(groups) == list(menu) == [TITLES[place] for place in Place]
    assert {each["name"] for each in told if each["problem"]} == {"lacking", "coming", "lost", "torn"}
    for title, found in groups.items():
        assert len(table[title]) == len(found)
        for row, each in zip(table[title], found, strict=True):
            assert row.startswith(f"{each['name']} ")
            assert (each["problem"] or f"  {each['fit']['kind']}") in row
        for label, each in zip(menu[title], found[:MOST_MODELS], strict=False):
            assert label.startswith(f"{each['name']} ")
            assert label.endswith(shorten(f"({each['problem']})" if each["problem"] else f" · {each['fit']['kind']}"))
        left = len(found) - MOST_MODELS
        assert menu[title][MOST_MODELS:] == ([f"{left} more: traypoint models"] if left > 0 else [])
    assert max(len(label) for labels in menu.values() for label in labels) <= MAX_LABEL


@pytest.mark.usefixtures("home")
def test_a_context_that_is_asked_for_is_what_the_menu_rates_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAYPOINT_CTX_SIZE", str(1 << 30))
    assert main(["models", "--json"]) == 0
    [fit] = [each["fit"] for each in json.loads(capsys.readouterr().out)["models"] if each["name"] == "mine"]
    [label] = find_groups(build_menu(AppState(around=look_around(find_paths()))))["Your folders"]
    assert fit["kind"] == "too big"
    assert f"too big: needs {fit['needed_bytes'] / 1e9:.1f} GB of " in label
    assert fit["ways_out"][0].startswith("Give it a shorter context")
