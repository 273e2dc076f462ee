"""Downloads through the end of the app, however it comes: the real app and child, and the stand-in for the hub."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn
from tests.tray.cli.hub_home import make_user
from tests.tray.cli.user import wait_until
from tests.tray.downloads.fake_hub import TIMEOUT_S
from tray.downloads.records import read_records
from tray.paths import find_paths

NAME, FILE, SIZE = "owner/model-GGUF", "model-Q4_0.gguf", 3_000_000
OTHER = "owner/other-GGUF"


class App:
    """One run of it."""

    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.tray.downloads.headless_app"],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def click(self, deed: str, wanted: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{deed} {wanted}\n")
        self._process.stdin.flush()

    def wait_for(self, *states: str) -> list[dict[str, Any]]:
        """Until the downloads are in these states, in order."""
        while True:
            downloads: list[dict[str, Any]] = json.loads(self._said.get(timeout=TIMEOUT_S))
            if tuple(each["state"] for each in downloads) == states:
                return downloads

    def quit(self) -> None:
        self._close()

    def kill(self) -> None:
        self._process.kill()
        self._close()

    def _close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(TIMEOUT_S)
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._said.put(line)


@pytest.fixture
def hub() -> Iterator[StandIn]:
    other = Repo(OTHER, {"other-Q4_0.gguf": make_bytes(50_000, 2)})
    with StandIn(Repo(NAME, {FILE: make_bytes(SIZE)}), other, rate=500_000) as hub:
        yield hub


@pytest.fixture
def records(hub: StandIn, tmp_path: Path) -> Path:
    """What the app keeps of its downloads."""
    return find_paths(make_user(hub, tmp_path)).downloads_file


@pytest.fixture
def start(hub: StandIn, tmp_path: Path) -> Iterator[Callable[[], App]]:
    """Starts the app; those that are left are killed."""
    apps: list[App] = []

    def start() -> App:
        apps.append(App(make_user(hub, tmp_path)))
        return apps[-1]

    yield start
    for app in apps:
        app.kill()


def test_what_ran_and_what_waited_when_the_app_was_killed_goes_on_at_the_byte_and_ends(
    hub: StandIn, start: Callable[[], App]
) -> None:
    app = start()
    app.click("start", NAME)
    app.click("start", OTHER)
    assert hub.ledger.wait_for(600_000)
    app.kill()
    hub.rate = 0
    app = start()
    done, _ = app.wait_for("done", "done")
    app.quit()
    assert Path(done["ref"]["model"]).read_bytes() == hub.repos[NAME].files[FILE]
    assert hub.ledger.content <= 1.1 * SIZE


def test_what_the_user_paused_is_paused_after_a_kill_and_goes_on_when_asked(
    hub: StandIn, start: Callable[[], App], records: Path
) -> None:
    app = start()
    app.click("start", NAME)
    assert hub.ledger.wait_for(600_000)
    app.click("pause", NAME)
    [paused] = app.wait_for("paused")
    kept = (paused["done_bytes"],)
    wait_until(lambda: tuple(each.shown.done_bytes for each in read_records(records).downloads) == kept, "it is kept")
    app.kill()
    hub.rate = 0
    app = start()
    [found] = app.wait_for("paused")
    assert found == paused
    assert 10 <= found["percent"] < 100
    app.click("start", NAME)
    app.wait_for("done")
    app.quit()
    assert hub.ledger.content <= 1.1 * SIZE


def test_what_ran_when_the_app_was_quit_goes_on_and_can_be_cancelled_with_all_that_had_come(
    hub: StandIn, start: Callable[[], App], tmp_path: Path, records: Path
) -> None:
    app = start()
    app.click("start", NAME)
    assert hub.ledger.wait_for(300_000)
    app.quit()
    [left] = tmp_path.rglob("*.incomplete")
    assert left.stat().st_size > 0
    app = start()
    app.wait_for("running")
    app.click("cancel", NAME)
    app.wait_for("cancelled")
    app.quit()
    assert not list(tmp_path.rglob("*.incomplete"))
    assert read_records(records).downloads == ()


def test_what_failed_is_shown_with_its_reason_and_can_be_tried_again(hub: StandIn, start: Callable[[], App]) -> None:
    hub.repos[NAME].listing_status = 404
    app = start()
    app.click("start", NAME)
    [failed] = app.wait_for("failed")
    app.quit()
    hub.rate = hub.repos[NAME].listing_status = 0
    app = start()
    [found] = app.wait_for("failed")
    assert found["problem"] == failed["problem"] != ""
    app.click("start", NAME)
    app.wait_for("done")
    app.quit()


def test_one_whose_files_were_deleted_meanwhile_begins_anew(
    hub: StandIn, start: Callable[[], App], tmp_path: Path
) -> None:
    app = start()
    app.click("start", NAME)
    assert hub.ledger.wait_for(300_000)
    app.quit()
    for left in tmp_path.rglob("*.incomplete"):
        left.unlink()
    hub.rate = 0
    app = start()
    [done] = app.wait_for("done")
    app.quit()
    assert Path(done["ref"]["model"]).read_bytes() == hub.repos[NAME].files[FILE]
