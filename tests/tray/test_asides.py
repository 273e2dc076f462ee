"""What is neither a wish nor a report about the child: downloads and surroundings reach the state, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from endpoint.contract import ModelRef
from tray.actions import SurroundingsSeen
from tray.asides import advance_aside
from tray.downloads.download import Download, DownloadState
from tray.downloads.downloads import DownloadsChanged
from tray.downloads.wishes import Deed, Fetch
from tray.effects import Desk
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.notifications import tell
from tray.surroundings import Surroundings

RUNNING = Download("a/b:Q4_0", "a/b", "b.gguf", DownloadState.RUNNING, 1, 4)
DONE = replace(RUNNING, state=DownloadState.DONE, done_bytes=4, ref=ModelRef("llamacpp", "/hub/b.gguf"))


def test_a_deed_is_handed_on_and_changes_nothing_by_itself() -> None:
    fetch = Fetch(Deed.START, "a/b:Q4_0")
    assert advance(Lifecycle(), fetch, 0.0) == (Lifecycle(), (fetch,))


def test_downloads_are_shown_and_one_that_has_come_is_looked_for_once() -> None:
    life, effects = advance_aside(Lifecycle(), DownloadsChanged((RUNNING,)))
    assert (life.app.downloads, effects) == ((RUNNING,), ())
    life, effects = advance_aside(life, DownloadsChanged((DONE,)))
    assert effects == (Desk.LOOK_AROUND,)
    assert advance_aside(life, DownloadsChanged((DONE,)))[1] == ()


def test_a_download_is_told_when_it_has_come_and_when_it_failed_each_once() -> None:
    other = replace(RUNNING, wanted="c/d")
    states: list[tuple[Download, ...]] = [(), (RUNNING,), (replace(RUNNING, done_bytes=2),), (DONE,), (DONE, other)]
    failed = replace(other, state=DownloadState.FAILED, problem="The disk is full.")
    states.append((DONE, failed))
    told, life = [], Lifecycle()
    for downloads in states:
        before = life.app
        life, _ = advance_aside(life, DownloadsChanged(downloads))
        told.append(tell(before, life.app))
    assert [note and (note.title, note.text.split("\n")[0]) for note in told] == [
        None,
        None,
        None,
        ("Download finished", "b.gguf"),
        None,
        ("Download failed", "b.gguf"),
    ]


def test_one_that_had_failed_before_the_app_was_started_is_no_news() -> None:
    failed = replace(RUNNING, state=DownloadState.FAILED, problem="The disk is full.")
    life, _ = advance_aside(Lifecycle(), DownloadsChanged((failed,)))
    assert life.app.downloads == (failed,)
    assert tell(Lifecycle().app, life.app) is None


def test_surroundings_and_the_login_item_come_together_or_alone() -> None:
    around = Surroundings(versions=("Traypoint 1",))
    life, _ = advance_aside(Lifecycle(), SurroundingsSeen(around, starts_at_login=True))
    assert (life.app.around, life.app.starts_at_login) == (around, True)
    life, _ = advance_aside(life, SurroundingsSeen(starts_at_login=False))
    assert (life.app.around, life.app.starts_at_login) == (around, False)
