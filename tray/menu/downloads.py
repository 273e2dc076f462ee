"""The lines about downloads: what is on its way, and what would suit this machine. Pure."""

from __future__ import annotations

from tray.downloads.download import Download, DownloadState
from tray.downloads.wishes import Deed, Fetch
from tray.downloads.words import describe_progress
from tray.menu.choices import choose_model
from tray.menu.items import Item, inform, submenu
from tray.state import AppState


def download_items(state: AppState) -> tuple[Item, ...]:
    """A line for each download that runs, waits or has ended, and isn't forgotten."""
    shown = (download for download in state.downloads if download.state is not DownloadState.CANCELLED)
    return tuple(submenu(f"Download: {each.title} · {describe_progress(each)}", *_list_deeds(each)) for each in shown)


def offer_menu(state: AppState) -> Item:
    """Models to download, the one that suits best first; what has a line of its own isn't offered again."""
    shown = {each.wanted for each in state.downloads if each.state is not DownloadState.CANCELLED}
    offers = [offer for offer in state.around.offers if offer.wanted not in shown]
    items = [Item(offer.label, Fetch(Deed.START, offer.wanted)) for offer in offers]
    return submenu("Download for this machine", *items)


def _list_deeds(download: Download) -> tuple[Item, ...]:
    wanted = download.wanted
    cancel = Item("Cancel, and delete what has come", Fetch(Deed.CANCEL, wanted))
    forget = Item("Show it no more", Fetch(Deed.FORGET, wanted))
    match download.state:
        case DownloadState.DONE:
            use = (Item("Use it", choose_model(download.ref)),) if download.ref else ()
            return (*use, forget)
        case DownloadState.FAILED:
            again = Item("Try again", Fetch(Deed.START, wanted))
            return (inform(download.problem), again, *((cancel,) if download.done_bytes else ()), forget)
        case DownloadState.PAUSED:
            return (Item("Go on", Fetch(Deed.START, wanted)), cancel)
        case _:
            return (Item("Pause", Fetch(Deed.PAUSE, wanted)), cancel)
