"""Set-ups in docs/clients.md come from the app's catalogue, so that what the menu copies is what is tried here.

After a line `<!-- client NAME: PLACE -->`, or `<!-- set-up NAME: PLACE -->` for what is not run here, a file of a
client in the catalogue stands as the catalogue writes it; what is pasted into a shell or a program begins the fence.
`python -m tests.clients.set_ups` puts the files into the page anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from tests.clients.page import PAGE
from tray.clients.catalogue import CLIENTS
from tray.clients.client import Client
from tray.clients.values import ClientFacts
from tray.clients.whole_files import write_file

FACTS = ClientFacts("http://localhost:8001/v1", "starter", None, 65536)
"""The endpoint that the page tells of: the one that `make test-clients` starts."""
SHELL_VARIANT = "-env"
"""What a client's name ends with on the page where its variables are tried, beside its file."""
_FENCE = re.compile(
    r"^<!-- (?:client|set-up) ([\w-]+): (\S+) -->\n(?:<!-- test -->\n)?\n*```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


def find_fences(page: str) -> dict[tuple[str, str], str]:
    """Texts by client and place."""
    return {(found[1], found[2]): found[3] for found in _FENCE.finditer(page)}


def files_of_page() -> Iterator[tuple[Client, str, str]]:
    """Each client with a settings file, the file's place, and what stands in it."""
    for client in CLIENTS:
        if client.file is not None:
            yield client, client.file.shown, write_file(client.file, FACTS)


def put_files(page: str) -> str:
    """The page with the files as the catalogue has them."""
    texts = {(client.name, place): text for client, place, text in files_of_page()}

    def put(found: re.Match[str]) -> str:
        before = found[0][: found.start(3) - found.start()]
        return f"{before}{texts.get((found[1], found[2]), found[3])}```"

    return _FENCE.sub(put, page)


if __name__ == "__main__":
    PAGE.write_text(put_files(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE} is as the catalogue has it", file=sys.stderr)
