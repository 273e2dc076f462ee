"""`traypoint connect`: point a client at the endpoint, by its settings file or by a text to paste."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import ExitCode
from tray.cli.connect_parser import DESCRIPTION, EXAMPLES, add_connect_arguments
from tray.cli.flags import read_choices
from tray.cli.verb import Verb
from tray.clients.asking import ask_served
from tray.clients.catalogue import CLIENTS, find_client
from tray.clients.client import Client
from tray.clients.connecting import Connector, Written
from tray.clients.facts import Gathered, gather_facts
from tray.clients.records import Records
from tray.clients.values import KEY_NOT_NEEDED, Machine
from tray.errors import OptionError
from tray.options import read_environment
from tray.paths import Paths, find_paths
from tray.settings import look_at_settings

MAX_DIFF_LINES = 40
MAX_DIFF_WIDTH = 100
_SECRET = re.compile(rf"""((?:key|token|authorization)["']?\s*[:=]\s*)(?!["']?{KEY_NOT_NEEDED}\b)\S.*""", re.IGNORECASE)
RECORDS = "clients"
"""The folder under the state folder."""


def connect(parsed: argparse.Namespace) -> int:
    """Do it; returns the exit code. Raises ClientError, OptionError, SettingsError."""
    paths = find_paths()
    machine = Machine(Path.home(), os.environ, sys.platform)
    connector = Connector(machine, Records(paths.state_dir / RECORDS))
    if parsed.lists:
        print(list_clients(connector, as_json=parsed.json))
        return ExitCode.OK
    client = find_client(parsed.client or "")
    if client is None:
        raise OptionError(_name_clients(parsed.client))
    if parsed.undo:
        print(_undo(connector, client, as_json=parsed.json))
        return ExitCode.OK
    gathered = _gather(parsed, paths)
    if parsed.prints or client.file is None:
        print(show_text(client, gathered, as_json=parsed.json))
    else:
        print(_write(connector, client, gathered, as_json=parsed.json))
    return ExitCode.OK


def list_clients(connector: Connector, *, as_json: bool) -> str:
    """One line a client."""
    rows = [(c, str(connector.locate(c.file)) if c.file else None, connector.is_connected(c)) for c in CLIENTS]
    if as_json:
        told = [{"name": c.name, "title": c.title, "file": file, "connected": is_} for c, file, is_ in rows]
        return json.dumps(told, indent=2, ensure_ascii=False)
    width = max(len(client.name) for client in CLIENTS)
    return "\n".join(
        f"{'*' if is_ else ' '} {c.name:{width}}  {c.title}: {_shorten(file) if file else 'a text to paste'}"
        for c, file, is_ in rows
    )


def show_text(client: Client, gathered: Gathered, *, as_json: bool) -> str:
    """The set-up as it would be copied; what to do with it goes to standard error, so that the text can be piped."""
    text = client.text(gathered.facts)
    if as_json:
        return json.dumps({**_describe(client, gathered), "text": text}, indent=2, ensure_ascii=False)
    _say_all(gathered.notes)
    _say_all([client.start])
    return text.removesuffix("\n")


def _write(connector: Connector, client: Client, gathered: Gathered, *, as_json: bool) -> str:
    written = connector.connect(client, gathered.facts)
    if as_json:
        return json.dumps({**_describe(client, gathered), **_tell(written)}, indent=2, ensure_ascii=False)
    _say_all(gathered.notes)
    if written.before == written.after:
        return f"{_shorten(written.path)} is set up already. {client.start}"
    kept = [f"The file as it was: {_shorten(written.backup)}"] if written.backup else []
    return "\n".join([_shorten(written.path), *write_diff(written), *kept, client.start])


def _undo(connector: Connector, client: Client, *, as_json: bool) -> str:
    written = connector.undo(client)
    if as_json:
        told = {"client": client.name, "file": None, "changed": False} if written is None else _tell(written)
        return json.dumps({"client": client.name, **told}, indent=2, ensure_ascii=False)
    if written is None:
        return f"{client.title} was not connected by Traypoint, or taken back already: nothing to undo."
    lines = [_shorten(written.path), *write_diff(written)]
    if written.left:
        lines.append(f"Changed since, and left as it is: {', '.join(written.left)}")
    if written.backup:
        lines.append(f"The file has other changes since; as it was before: {_shorten(written.backup)}")
    return "\n".join(lines)


def write_diff(written: Written) -> list[str]:
    """The changed lines alone, cut and without keys: they and their neighbours may hold other programs' secrets."""
    before, after = (written.before or "").splitlines(), (written.after or "").splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    shown = [_SECRET.sub(r"\1…", line)[:MAX_DIFF_WIDTH] for line in lines if not line.startswith("@@")]
    more = len(shown) - MAX_DIFF_LINES
    return [f"  {line}" for line in shown[:MAX_DIFF_LINES]] + ([f"  … {more} more lines"] if more > 0 else [])


def _gather(parsed: argparse.Namespace, paths: Paths) -> Gathered:
    flags = read_choices(parsed)
    settings = look_at_settings(paths.settings_file)
    options = settings.under(flags, read_environment(os.environ)).options
    gathered = gather_facts(flags, options, paths.config_dir, ask_served)
    return Gathered(gathered.facts, (*settings.notes, *gathered.notes))


def _describe(client: Client, gathered: Gathered) -> dict[str, object]:
    facts = gathered.facts
    return {
        "client": client.name,
        "base_url": facts.base_url,
        "model": facts.model,
        "n_ctx": facts.n_ctx,
        "notes": list(gathered.notes),
        "start": client.start,
    }


def _tell(written: Written) -> dict[str, object]:
    return {
        "file": str(written.path),
        "changed": written.before != written.after,
        "backup": None if written.backup is None else str(written.backup),
        "left": list(written.left),
    }


def _name_clients(name: str | None) -> str:
    names = ", ".join(client.name for client in CLIENTS)
    return f"there is no client {name!r}; there are {names}" if name else f"name a client: {names}"


def _shorten(path: Path | str) -> str:
    """As people write it: `~` for the home folder."""
    path = Path(path)
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        print(f"traypoint: {line}", file=sys.stderr)


VERB = Verb(DESCRIPTION, EXAMPLES, add_connect_arguments, connect)
