"""What is offered on this very machine, whatever it is."""

from __future__ import annotations

from pathlib import Path

from endpoint.contract import Env
from tray.models.offer import find_offer
from tray.paths import find_paths

LIST = 'schema = 1\n[[models]]\nname = "Tiny"\nrepo = "o/tiny"\nform = "gguf"\nsize_gb = 0.001\nmemory_gb = 0.001\n'


def test_the_list_that_was_fetched_last_is_the_one_that_is_offered(tmp_path: Path) -> None:
    paths = find_paths({Env.CONFIG_DIR: str(tmp_path)})
    paths.catalogue_file.parent.mkdir(parents=True)
    paths.catalogue_file.write_text(LIST)
    offer = find_offer(paths)
    assert offer is not None
    assert offer.entry.wanted == "o/tiny"
