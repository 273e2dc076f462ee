"""`make test-clients`: real clients, installed from their registries, against a real endpoint; see docs/clients.md.

Environment: ONLY (clients' names or words in them, comma-separated), SHOW (1: print what the clients print), PAGE (the
page that gets the table; docs/clients.md after a run of everything), CONNECT (1: settings files are written by
`traypoint connect`, for the clients that it can do that for). Exit code 0 when all went well, 1 when not, 2 for a name
that no client has and a page that is not there.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clients.catalogue import CLIENTS
from tests.clients.client import Client
from tests.clients.installs import InstallFailed, install
from tests.clients.page import PAGE, format_table, put_table
from tests.clients.runs import converse
from tests.clients.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the environment asks for; `page` None: the table is only printed."""

    clients: tuple[Client, ...]
    show: bool
    page: Path | None
    connects: bool = False


def read_wishes(environment: Mapping[str, str]) -> Wishes:
    """Raises ValueError for a word that is in no client's name, FileNotFoundError for a page that isn't there."""
    words = [word.strip() for word in environment.get("ONLY", "").split(",") if word.strip()]
    wanted = {name for word in words for name in _match(word)}
    chosen = tuple(client for client in CLIENTS if not words or client.name in wanted)
    page = environment.get("PAGE") or ("" if words else str(PAGE))
    if page and not Path(page).exists():
        raise FileNotFoundError(f"{page} is not there: PAGE is a page with a place for the table")
    show, connects = (environment.get(name, "") not in ("", "0") for name in ("SHOW", "CONNECT"))
    return Wishes(chosen, show, Path(page) if page and not connects else None, connects)


def _match(word: str) -> list[str]:
    """The client of that name, or else all with the word in their names."""
    names = [client.name for client in CLIENTS]
    matches = [word] if word in names else [name for name in names if word in name]
    if not matches:
        raise ValueError(f"no client is named {word!r}; there are {', '.join(names)}")
    return matches


def run(wishes: Wishes) -> int:
    """One client after the other."""
    verdicts: dict[Client, Verdict] = {}
    for client in wishes.clients:
        started = time.monotonic()
        verdicts[client] = _try(client, show=wishes.show, connects=wishes.connects)
        _report(client, verdicts[client], time.monotonic() - started)
    table = format_table(verdicts)
    print(table)
    failed = [client.name for client, verdict in verdicts.items() if verdict.problems]
    if failed:
        _say(f"clients: {', '.join(failed)} failed; docs/clients.md is left as it was.")
        return 1
    if wishes.page is not None:
        wishes.page.write_text(put_table(wishes.page.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 0


def _try(client: Client, *, show: bool, connects: bool) -> Verdict:
    try:
        programs = install(client)
    except InstallFailed as error:
        return Verdict([str(error)], 0, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="traypoint-client-", ignore_cleanup_errors=True) as folder:
        return converse(client, programs, Path(folder), show=show, connects=connects)


def _report(client: Client, verdict: Verdict, took_s: float) -> None:
    _say(f"{'FAILED' if verdict.problems else 'ok':7}{client.name} {client.version} ({took_s:.0f} s)")
    for problem in verdict.problems:
        _say(f"       {problem}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """See the module for the exit codes."""
    try:
        return run(read_wishes(os.environ))
    except (ValueError, OSError) as error:
        _say(f"clients: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
