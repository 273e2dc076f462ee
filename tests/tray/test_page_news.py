"""What the page is told: the menu's words, no offer of what is here, and a command that its user can type."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from endpoint.app_contract import LONGEST_TEXT, ToldDownload, ToldOffer, format_downloads, parse_downloads
from endpoint.contract import ModelRef
from tray.downloads.download import Download, DownloadState
from tray.page_news import tell_downloads, write_command
from tray.surroundings import Offer

RUNNING = Download(
    "a/b:Q4_0", "a/b", "x/b-Q4_0.gguf", DownloadState.RUNNING, 37, 100, 12_000_000, 180, note="The usual one."
)
OFFER = Offer("a/b:Q4_0", "B · 1 GB")


def test_a_download_is_told_in_the_menus_words() -> None:
    told = tell_downloads((RUNNING,), ())
    summary = "37% · 12 MB/s · 3 min left"
    expected = ToldDownload(
        "a/b:Q4_0", "b-Q4_0.gguf", "running", summary, 37, 100, 12_000_000, 180, note="The usual one."
    )
    assert told.downloads == (expected,)
    assert parse_downloads(format_downloads(told)) == told


@pytest.mark.parametrize("state", DownloadState)
def test_what_is_here_or_on_its_way_is_not_offered(state: DownloadState) -> None:
    told = tell_downloads((replace(RUNNING, state=state),), (OFFER, Offer("c/d", "D")))
    may_be_started = state in (DownloadState.PAUSED, DownloadState.FAILED, DownloadState.CANCELLED)
    assert (ToldOffer("a/b:Q4_0", "B · 1 GB") in told.offers) is may_be_started
    assert ToldOffer("c/d", "D") in told.offers


def test_what_is_done_comes_with_the_command_that_serves_it() -> None:
    done = replace(RUNNING, state=DownloadState.DONE, ref=ModelRef("llamacpp", "/hub/b.gguf"))
    assert tell_downloads((done,), ()).downloads[0].command == "traypoint use /hub/b.gguf"


@pytest.mark.parametrize("path", ["/home/me/my models/b.gguf", "/it's/b.gguf", "/$HOME/`x`/b.gguf"])
def test_a_path_stays_one_word_in_a_shell(path: str) -> None:
    command = write_command(ModelRef("llamacpp", path), "linux")
    assert shlex.split(command) == ["traypoint", "use", path]


def test_each_platform_has_its_quotes_and_mlx_is_named() -> None:
    assert write_command(ModelRef("llamacpp", "C:\\my models\\b.gguf"), "win32") == (
        'traypoint use "C:\\my models\\b.gguf"'
    )
    assert write_command(ModelRef("mlx", "o/n"), "darwin") == "traypoint use o/n --provider mlx"


def test_a_command_that_would_be_cut_is_none() -> None:
    assert write_command(ModelRef("llamacpp", f"/{'x' * LONGEST_TEXT}"), "linux") == ""
