"""Endpoints that are killed while they save, and endpoints that share a folder."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from endpoint.cache.disk.lock import hold_lock
from endpoint.cache.disk.store import Found, Loaded
from tests.endpoint.cache.disk.rig import measure, name_of, opened, same
from tests.endpoint.cache.disk.writing import KINDS, make_known

PROGRAM = Path(__file__).with_name("writing.py")
BUDGET = 500_000  # about four of the twelve
SLACK = 4096
"""about.json may be written just before room is made for it."""


def start(root: Path, seed: int, *more: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), str(root), str(seed), str(BUDGET), *map(str, more)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_at_random(process: subprocess.Popen[str], dice: random.Random) -> None:
    """After some steps, at some moment of one."""
    assert process.stdout is not None
    for _ in range(dice.randrange(1, 12)):
        assert process.stdout.readline(), process.communicate()[1]
    time.sleep(dice.uniform(0, 0.004))  # a save takes about so long here
    process.kill()
    process.communicate()


def check_folder(root: Path) -> int:
    """Every prefix that is found is whole, nothing is left beside them, and all is within the budget; how many."""
    known = {name_of(make_known(number)): make_known(number) for number in range(KINDS)}
    with opened(root, budget=BUDGET) as shop:
        found = shop.take(Found)
        for entry in found.entries:
            shop.store.load(entry.id)
            assert same(shop.take(Loaded).state, known[entry.id])
        assert all(note.content["number"] == int(note.name.removeprefix("key:")) for note in found.notes)
        assert not list(root.rglob("*.tmp"))
        assert shop.store.bytes == measure(root) <= BUDGET
        return len(found.entries)


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow_suite)])
def test_an_endpoint_that_is_killed_leaves_whole_prefixes_only(tmp_path: Path, rounds: int) -> None:
    dice = random.Random(rounds)
    found = 0
    for seed in range(rounds):
        kill_at_random(start(tmp_path, seed), dice)
        assert measure(tmp_path) <= BUDGET + SLACK
        found += check_folder(tmp_path)
    assert found >= rounds


@pytest.mark.parametrize("steps", [40, pytest.param(1500, marks=pytest.mark.slow_suite)])
def test_two_endpoints_share_a_folder_and_its_budget(tmp_path: Path, steps: int) -> None:
    """Saving, loading, noting and clearing at once: each checks what it loads, and nobody stops."""
    root = tmp_path / "prefixes"
    root.mkdir()
    largest, said = 0, set()
    with ThreadPoolExecutor(2) as readers, start(root, 1, steps) as first, start(root, 2, steps) as second:
        ended = [readers.submit(process.communicate) for process in (first, second)]
        while not all(each.done() for each in ended):
            with hold_lock(root / ".lock", 20) as held:  # else one that goes and one that comes would both be counted
                assert held
                largest = max(largest, measure(root))
            time.sleep(0.002)
    for process, (output, errors) in zip((first, second), (each.result() for each in ended), strict=True):
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
        said.update(output.split())
    assert {"Saved", "Loaded", "note", "clear"} <= said
    assert 0 < largest <= BUDGET + SLACK
    check_folder(root)
