"""A model downloaded from the page: the real app without an icon, its endpoint, a stand-in for the hub, a browser."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endpoint.page.visitor import Visitor
from tests.hub.pulls import FILE, NAME, make_repo
from tests.hub.standin import StandIn
from tests.tray.cli.hub_home import make_user

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SIZE = 400_000
SLOWLY = 30_000
FAKE = ("--provider", "fake", "--model", "echo", "--port", "0")


@contextlib.contextmanager
def running_app(hub: StandIn, home: Path) -> Iterator[str]:
    """The app until the block ends, which it must do in order: its page's address."""
    with (
        (home / "app.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-P", "-m", "tray", "--no-tray", *FAKE],
            env=make_user(hub, home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as app,
    ):
        assert app.stdout
        try:
            ready = next(line for line in app.stdout if line.startswith("Ready: "))
            yield ready.split()[1].removesuffix("/v1")
            app.terminate()
            assert app.wait(20) == 0
        finally:
            app.kill()


def test_a_model_is_asked_for_paused_gone_on_with_and_done(visitor: Visitor, tmp_path: Path) -> None:
    with StandIn(make_repo(SIZE), rate=SLOWLY) as hub, running_app(hub, tmp_path) as url:
        visitor.open(url)
        visitor.find("#wanted").fill(NAME)
        visitor.find("#wanted").press("Enter")
        row = visitor.find("#download-list li")
        bar = row.get_by_role("progressbar", name=FILE)
        row.get_by_text("kB/s").wait_for()
        row.get_by_text(re.compile(r"[2-9]\d%")).wait_for()
        row.get_by_role("button", name="Pause").click()
        row.get_by_text("paused at ").wait_for()
        sent = hub.ledger.content
        assert 0.2 <= bar.evaluate("(bar) => bar.position") < 1
        assert 0 < sent < SIZE
        hub.rate = 0
        row.get_by_role("button", name="Go on").click()
        row.get_by_text("Choose it in the menu under Model, or:").wait_for()
        assert hub.ledger.content <= SIZE * 1.1  # it went on where it was
        *words, path = shlex.split(row.locator("code").inner_text())
        assert words == ["traypoint", "use"]
        assert Path(path).stat().st_size == SIZE
        row.get_by_role("button", name="Hide").click()
        row.wait_for(state="detached")


def test_what_the_hub_does_not_have_is_told_in_words(visitor: Visitor, tmp_path: Path) -> None:
    with StandIn() as hub, running_app(hub, tmp_path) as url:
        visitor.open(url)
        visitor.find("#wanted").fill("nobody/Nothing-GGUF")
        visitor.find("#wanted").press("Enter")
        row = visitor.find("#download-list li")
        row.get_by_text("failed").wait_for()
        row.get_by_text("nobody/Nothing-GGUF").wait_for()
        row.get_by_role("button", name="Try again").wait_for()
