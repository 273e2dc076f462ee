"""Two hundred models are listed while nobody waits: a promise about time, held alone, and in the processor's time:
what else the machine does then is no fault of the list.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tray.models.homes import (
    CONFIG,
    HEADER,
    add_gguf,
    add_mlx,
    add_to_hub,
    add_to_ollama,
    move_in,
    places_in,
)
from tray.__main__ import main
from tray.looking import look_around
from tray.menu.menu import build_menu
from tray.models.discovery import discover
from tray.paths import find_paths
from tray.state import AppState

EACH = 25
LIMIT_S = 0.3


def furnish(home: Path) -> None:
    """Eight kinds, EACH of them, each with a template and a small vocabulary."""
    header = {**HEADER, "tokenizer.chat_template": "{% if tools %}<think>" * 200}
    for number in range(EACH):
        name = f"m{number:02}"
        add_gguf(home / "own" / f"{name}.gguf", header)
        add_gguf(home / f"repo-{name}" / f"{name}.gguf", {**header, "general.name": name})
        add_to_hub(home / "hub", f"ada/{name}-GGUF", "abc", home / f"repo-{name}")
        add_mlx(home / f"mlx-{name}", CONFIG | {"name": name})
        add_to_hub(home / "hub", f"mlx-community/{name}", "abc", home / f"mlx-{name}")
        add_gguf(home / ".lmstudio" / "models" / "ada" / name / f"{name}.gguf", header)
        add_to_ollama(home / ".ollama" / "models", f"registry.ollama.ai/library/{name}/latest", f"{number:064x}")
        add_gguf(home / "llama.cpp" / f"{name}.gguf", header)
        add_gguf(home / "added" / f"{name}-00001-of-00002.gguf", {**header, "split.count": 2})
        add_gguf(home / "added" / f"{name}-00002-of-00002.gguf", {"split.count": 2})
        (home / "added" / f"torn-{name}.gguf").write_bytes(b"GGUF\x03")
    (home / "added" / "loop").symlink_to(home / "added")


@pytest.mark.alone
def test_two_hundred_models_are_listed_within_their_time_the_first_time_and_the_second(tmp_path: Path) -> None:
    furnish(tmp_path)
    places = places_in(tmp_path, tmp_path / "added")
    times = []
    for look in range(3):
        for _ in range(2):
            started = time.process_time()
            found = discover(places, tmp_path / f"headers-{look}.json")
            times.append(time.process_time() - started)
    assert len(found) == 8 * EACH
    assert sum(bool(each.problem) for each in found) == EACH
    assert min(times[::2]) < LIMIT_S, "without a cache of headers"
    assert min(times[1::2]) < LIMIT_S, "with one"


def show_menu() -> None:
    build_menu(AppState(around=look_around(find_paths())))


@pytest.mark.alone
@pytest.mark.parametrize(
    "show",
    [lambda: main(["models"]), lambda: main(["models", "--json"]), show_menu],
    ids=["the table", "the JSON", "the menu"],
)
def test_they_are_shown_within_that_time_too(
    show: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(tmp_path)
    move_in(tmp_path, monkeypatch, tmp_path / "added")
    times = []
    for _ in range(3):
        find_paths().headers_file.unlink(missing_ok=True)
        started = time.process_time()
        show()
        times.append(time.process_time() - started)
    assert min(times) < LIMIT_S
