"""What to offer somebody who has no model yet, or not the best one. `read_here` blocks; no network is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from endpoint.contract import ModelRef
from tray.downloads.records import read_records
from tray.models.catalogue import Catalogue, Entry, Kind, load_catalogue
from tray.models.machine import Machine, read_machine
from tray.models.places import find_places
from tray.models.ranking import USUAL_BYTES_S, Ranked, Suits, describe_offer, rank
from tray.paths import Paths
from tray.surroundings import Offer

MOST_OFFERS = 6


def read_here(paths: Paths) -> Machine:
    """This machine; may start a program that asks the graphics card, and takes as long as that."""
    return read_machine(find_places(os.environ, Path.home(), sys.platform, paths.models_dir).hub)


def rank_known(machine: Machine, paths: Paths) -> tuple[Ranked, ...]:
    """The list for this machine: the user's own as it was fetched last, else the built-in one. Raises OSError."""
    own = paths.catalogue_file
    return rank_here(load_catalogue(own if own.exists() else None), machine, paths)


def rank_here(catalogue: Catalogue, machine: Machine, paths: Paths) -> tuple[Ranked, ...]:
    """A list for this machine, downloads at the pace that the app's last one had."""
    pace = read_records(paths.downloads_file).bytes_per_s
    return rank(catalogue.entries, machine, pace or USUAL_BYTES_S)


def list_offers(ranked: Iterable[Ranked], here: Collection[ModelRef]) -> tuple[Offer, ...]:
    """For a menu: the models to talk with that fit, the best first, without those that are among `here`. Of a model in
    two forms there is one, and none when either is here."""
    suiting = [each for each in ranked if each.suits is Suits.FITS and each.entry.kind is Kind.CHAT]
    had = {each.entry.name for each in suiting if any(is_same(each.entry, ref) for ref in here)}
    best: dict[str, Ranked] = {}
    for each in suiting:
        best.setdefault(each.entry.name, each)
    new = [each for name, each in best.items() if name not in had]
    return tuple(Offer(each.entry.wanted, describe_offer(each)) for each in new[:MOST_OFFERS])


def is_same(entry: Entry, ref: ModelRef) -> bool:
    """Whether this is the entry's model, by its path in Hugging Face's cache, LM Studio's folders, or by its name."""
    place = f"/{ref.model.replace(os.sep, '/')}/"
    folders = (f"/{entry.repo}/", f"/models--{entry.repo.replace('/', '--')}/")
    return any(folder in place for folder in folders) and entry.what.lower() in PurePosixPath(place).name.lower()
