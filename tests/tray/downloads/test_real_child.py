"""The app's downloads with the real child and the stand-in for the hub: through pause, going on and cancelling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.child import make_env
from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn
from tests.tray.downloads.fake_hub import Reports
from tray.downloads.downloads import Downloads
from tray.spawn import hub_command

NAME = "owner/model-GGUF"


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with StandIn(Repo(NAME, {"model-Q4_0.gguf": make_bytes(2_000_000)}), rate=500_000) as hub:
        yield hub


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def downloads(hub: StandIn, reports: Reports, tmp_path: Path) -> Iterator[Downloads]:
    env = make_env(hub, tmp_path)
    downloads = Downloads(reports.post, lambda words: hub_command(words, env))
    yield downloads
    downloads.close()


def test_a_paused_download_goes_on_and_is_served_from_the_cache(
    hub: StandIn, reports: Reports, downloads: Downloads
) -> None:
    downloads.start(NAME)
    assert hub.ledger.wait_for(200_000)
    downloads.pause(NAME)
    [paused] = reports.wait_for("paused")
    assert paused.title == "model-Q4_0.gguf"
    hub.rate = 0
    downloads.start(NAME)
    [done] = reports.wait_for("done")
    assert done.ref is not None
    assert Path(done.ref.model).read_bytes() == hub.repos[NAME].files["model-Q4_0.gguf"]
    assert hub.ledger.content < 2_200_000


def test_a_cancelled_download_leaves_nothing(
    hub: StandIn, reports: Reports, downloads: Downloads, tmp_path: Path
) -> None:
    downloads.start(NAME)
    assert hub.ledger.wait_for(200_000)
    downloads.cancel(NAME)
    reports.wait_for("cancelled")
    assert not list(tmp_path.rglob("*.incomplete"))


def test_closing_the_app_keeps_what_has_come(
    hub: StandIn, reports: Reports, downloads: Downloads, tmp_path: Path
) -> None:
    downloads.start(NAME)
    assert hub.ledger.wait_for(200_000)
    downloads.close()
    reports.wait_for("paused")
    [left] = tmp_path.rglob("*.incomplete")
    assert left.stat().st_size > 0
