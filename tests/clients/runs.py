"""A client's run: an endpoint of its own, a relay before it, the conversation, the verdict."""

from __future__ import annotations

import http.client
import sys
from contextlib import closing
from pathlib import Path

from endpoint.providers.llamacpp.files import locate_model
from tests.clients.client import Client, Model
from tests.clients.page import PAGE
from tests.clients.recipes import Recipe, find_recipes
from tests.clients.relay import relaying
from tests.clients.sandbox import Sandbox
from tests.clients.verdicts import Ran, Verdict, judge
from tests.endpoint.process import live
from tests.endpoint.scraping import parse
from tests.tiny.speaker import write_call, write_speaker


def converse(client: Client, programs: Path, folder: Path, *, show: bool, connects: bool = False) -> Verdict:
    """Let the installed client have its conversation; `folder` is empty and thrown away afterwards. `connects`: its
    settings file is written by `traypoint connect`, where that can.
    """
    with live(folder / "config", *_choose_model(client, folder)) as endpoint:
        endpoint.wait_for_status("healthy")
        with relaying(endpoint.port) as relay:
            recipe = find_recipes(PAGE.read_text(encoding="utf-8"), relay.port).get(client.name, Recipe())
            sandbox = Sandbox(folder / "home", folder / "work", programs)
            sandbox.prepare(client, recipe)
            if connects:
                sandbox.connect(client, recipe, relay.port)
            code, output = sandbox.run(client, recipe)
            relay.settle()
            cached = _scrape(endpoint.port)["traypoint_prompt_tokens_cached_total"]
            ran = Ran(code, output, tuple(relay.exchanges), int(cached))
    verdict = judge(client, ran)
    if show or verdict.problems:
        _show(ran)
    return verdict


def _choose_model(client: Client, folder: Path) -> list[str]:
    if client.model is Model.STARTER:
        return ["--model", "starter"]
    path = folder / "speaker.gguf"
    call = client.call
    text = write_call(call.tool, call.argument, call.value) if call else None
    write_speaker(locate_model("starter"), path, client.says, text)
    return ["--model", str(path), "--ctx-size", "65536"]


def _show(ran: Ran) -> None:
    """What it printed, and what went over the wire."""
    print(ran.output, file=sys.stderr)
    for exchange in ran.exchanges:
        usage = exchange.usage if exchange.generates and exchange.status < 400 else ""
        print(exchange.method, exchange.target, exchange.status, usage, file=sys.stderr)


def _scrape(port: int) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", "/metrics")
        return parse(connection.getresponse().read().decode())
