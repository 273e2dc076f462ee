"""What a client is told of the endpoint: asked of it where it answers, else what it was, or would be, started with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from endpoint.contract import API_KEY_FILE
from tray.clients.asking import Served
from tray.clients.values import ClientFacts
from tray.errors import OptionError
from tray.options import Choices, Options
from tray.state import EVERY_ADDRESS, LOOPBACK_NAMES, url_host

Ask = Callable[[str, int, str | None], Served | None]
"""Host, port and key -> what is served there."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts, and remarks for the user."""

    facts: ClientFacts
    notes: tuple[str, ...] = ()


def gather_facts(flags: Choices, options: Options, config_dir: Path, ask: Ask) -> Gathered:
    """`flags` win over what the endpoint says, and that over the other `options`. Raises OptionError for port 0."""
    if options.port == 0:
        raise OptionError("port 0 means any free one, which no client can be told: say with --port which one it is")
    base_url = f"http://{url_host(options.host)}:{options.port}/v1"
    key = options.api_key or _read_key(options.host, config_dir)
    served = ask(options.host, options.port, key)
    notes: tuple[str, ...] = ()
    if served is None:
        served = Served(name_model(options.ref.model), options.ctx_size or None)
        model = flags.model or served.model
        notes = (f"nothing answers at {base_url}, so it was not asked for its model: taking {model!r}.",)
    return Gathered(ClientFacts(base_url, flags.model or served.model, key, flags.ctx_size or served.n_ctx), notes)


def name_model(model: str) -> str:
    """What the endpoint would call it in /v1/models: a file's name without its ending."""
    return PurePath(model).name.removesuffix(".gguf") or model


def _read_key(host: str, config_dir: Path) -> str | None:
    """The key that an endpoint open to the network made itself; those on this machine alone ask for none."""
    if host in LOOPBACK_NAMES - EVERY_ADDRESS:
        return None
    try:
        return (config_dir / API_KEY_FILE).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
