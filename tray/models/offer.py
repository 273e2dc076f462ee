"""What to offer somebody who has no model yet. Blocks for some milliseconds; asks no network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tray.models.catalogue import Catalogue, load_catalogue
from tray.models.machine import read_machine
from tray.models.places import find_places
from tray.models.ranking import Ranked, find_best, rank
from tray.paths import Paths


def find_offer(paths: Paths) -> Ranked | None:
    """The best fit for this machine; None where nothing fits."""
    return find_best(rank_known(paths))


def rank_known(paths: Paths) -> tuple[Ranked, ...]:
    """The list, for this machine: the user's own as it was fetched last, else the built-in one."""
    own = paths.catalogue_file
    return rank_here(load_catalogue(own if own.exists() else None), paths)


def rank_here(catalogue: Catalogue, paths: Paths) -> tuple[Ranked, ...]:
    """For this machine, as it is now."""
    hub = find_places(os.environ, Path.home(), sys.platform, paths.models_dir).hub
    return rank(catalogue.entries, read_machine(hub))
