"""What the lines about downloads offer to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tray.menu.states import AROUND, BASE, DOWNLOADS
from tray.downloads.download import Download, DownloadState
from tray.downloads.wishes import Deed, Fetch
from tray.menu.downloads import download_items, offer_menu

OFFERED = AROUND.offers[0].wanted


def list_deeds(download: Download) -> list[Deed]:
    [line] = download_items(replace(BASE, downloads=(download,)))
    return [item.action.deed for item in line.children if isinstance(item.action, Fetch)]


@pytest.mark.parametrize("state", DownloadState)
def test_what_has_a_line_of_its_own_is_not_offered_again(state: DownloadState) -> None:
    shown = replace(DOWNLOADS[0], state=state)
    offered = [item.action for item in offer_menu(replace(BASE, downloads=(shown,))).children]
    assert (Fetch(Deed.START, OFFERED) in offered) is (state is DownloadState.CANCELLED)


def test_what_has_come_of_one_that_failed_can_be_deleted() -> None:
    failed = replace(DOWNLOADS[0], state=DownloadState.FAILED, problem="The disk is full.")
    assert list_deeds(failed) == [Deed.START, Deed.CANCEL, Deed.FORGET]
    assert list_deeds(replace(failed, done_bytes=0)) == [Deed.START, Deed.FORGET]


def test_one_that_was_paused_says_at_which_share_and_goes_on_or_is_cancelled() -> None:
    paused = replace(DOWNLOADS[0], state=DownloadState.PAUSED)
    [line] = download_items(replace(BASE, downloads=(paused,)))
    assert line.label == "Download: Qwen3-4B-Instruct-2507-Q4_K_M.gguf · paused at 37%"
    assert list_deeds(paused) == [Deed.START, Deed.CANCEL]
