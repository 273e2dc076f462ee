"""A model offered in the real menu, downloaded from a stand-in for the hub, paused, gone on with, and served."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from tests.desktop.app import App, free_port, running_app
from tests.desktop.session import Desktop, wait_until
from tests.hub.repos import Repo
from tests.hub.standin import StandIn
from tests.tiny.models import write_tiny

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120)]

LIST = """\
schema = 1

[[models]]
name = "Tiny"
repo = "acme/Tiny-GGUF"
what = "Q4_0"
form = "gguf"
kind = "chat"
size_gb = 0.001
memory_gb = 0.1
active_gb = 0.001
quality = 50
"""
FILE = "tiny-Q4_0.gguf"


def make_hub(desktop: Desktop, rate: int) -> StandIn:
    """A hub with one model, and a list of the user's own that offers it."""
    model = desktop.home / FILE
    write_tiny(MemoryKind.RECURRENT, model)
    hub = StandIn(Repo("acme/Tiny-GGUF", {FILE: model.read_bytes(), "README.md": b"x"}), rate=rate)
    cache = Path(desktop.env["TRAYPOINT_CONFIG_DIR"], "cache")
    cache.mkdir(parents=True)
    (cache / "catalogue.toml").write_text(LIST)
    desktop.env |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(desktop.home / "hf")}
    return hub


def test_a_model_is_offered_fetched_and_served(desktop: Desktop) -> None:
    hub = make_hub(desktop, rate=60_000)
    with hub, running_app(desktop, "--port", str(free_port())) as app:
        app.menu.wait_for_status("● Ready")
        app.menu.click("Download for this machine", "Tiny")
        _wait_for_line(app, f"Download: {FILE} · ", "%")
        app.menu.click("Download: ", "Pause")
        _wait_for_line(app, f"Download: {FILE} · paused at")
        sent = hub.ledger.content
        hub.rate = 0
        app.menu.click("Download: ", "Go on")
        _wait_for_line(app, f"Download: {FILE} · done")
        size = len(hub.repos["acme/Tiny-GGUF"].files[FILE])
        assert 0 < sent < size
        assert hub.ledger.content <= size * 1.1
        (told,) = app.status()["downloads"]
        assert (told["state"], told["percent"], told["wanted"]) == ("done", 100, "acme/Tiny-GGUF:Q4_0")
        app.menu.find("Model", "Hugging Face cache", "tiny-Q4_0")
        app.menu.click("Download: ", "Use it")
        app.menu.wait_for_status("● Ready · tiny-Q4_0")
        app.menu.click("Download: ", "Show it no more")
        wait_until(
            lambda: not [line for line in app.menu.lines() if line.label.startswith("Download: ")], "no download"
        )


def test_a_download_ends_with_the_app_and_its_bytes_stay(desktop: Desktop) -> None:
    hub = make_hub(desktop, rate=30_000)
    with hub, running_app(desktop, "--no-start") as app:
        app.menu.click("Download for this machine", "Tiny")
        assert hub.ledger.wait_for(50_000)
        app.menu.click("Quit")
        assert app.process.wait(20) == 0
        assert list((desktop.home / "hf").rglob("*.incomplete"))


def _wait_for_line(app: App, *parts: str) -> None:
    def probe() -> bool:
        return any(all(part in line.label for part in parts) for line in app.menu.lines())

    wait_until(probe, f"a line with {parts}")
