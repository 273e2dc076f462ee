"""`traypoint rm`: what goes, what stays, and what is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn
from tests.tray.cli.hub_home import make_user, read_json, traypoint

NAME = "owner/model-GGUF"


@pytest.fixture(scope="module")
def hub() -> Iterator[StandIn]:
    files = {"model-Q4_K_M.gguf": make_bytes(2_000_000), "model-Q8_0.gguf": make_bytes(3_000_000, 2)}
    with StandIn(Repo(NAME, files)) as hub:
        yield hub


@pytest.fixture(scope="module")
def downloaded(hub: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both quantisations, to be copied."""
    home = tmp_path_factory.mktemp("downloaded")
    for quant in ("Q4_K_M", "Q8_0"):
        assert traypoint(hub, home, "pull", f"{NAME}:{quant}").returncode == 0
    return home


@pytest.fixture
def home(downloaded: Path, tmp_path: Path) -> Path:
    """With both quantisations downloaded."""
    return Path(shutil.copytree(downloaded, tmp_path / "home", symlinks=True))


def test_one_quantisation_goes_and_the_other_stays(hub: StandIn, home: Path) -> None:
    told = read_json(traypoint(hub, home, "rm", f"{NAME}:q8_0", "--yes", "--json"))
    assert told["freed_bytes"] == 3_000_000
    assert [path.name for path in home.rglob("*.gguf")] == ["model-Q4_K_M.gguf"]
    assert [path.stat().st_size for path in home.rglob("blobs/*")] == [2_000_000]


def test_the_last_one_takes_the_repository_with_it(hub: StandIn, home: Path) -> None:
    traypoint(hub, home, "rm", f"{NAME}:Q8_0", "--yes")
    done = traypoint(hub, home, "rm", "model-Q4_K_M", "--yes")
    assert done.stdout == "Deleted model-Q4_K_M: 2 MB freed.\n"
    assert not list((home / "hub").glob("models--*"))


def test_a_repository_goes_with_what_is_half_downloaded(hub: StandIn, home: Path) -> None:
    [blobs] = home.rglob("blobs")
    (blobs / f"{'e' * 64}.incomplete").write_bytes(b"x" * 1000)
    told = read_json(traypoint(hub, home, "rm", NAME, "--yes", "--json"))
    assert 5_001_000 <= told["freed_bytes"] < 5_001_100
    assert not list((home / "hub").glob("models--*"))


@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 2), (b"\n", 2), (b"y\n", 0)])
def test_on_a_terminal_it_asks_and_shows_what_would_go(hub: StandIn, home: Path, answer: bytes, left: int) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-P", "-m", "tray", "rm", NAME]
    with subprocess.Popen(
        command, env=make_user(hub, home), stdin=theirs, stderr=subprocess.PIPE, text=True
    ) as process:
        os.write(ours, answer)
        assert process.stderr
        asked = process.stderr.read()
    os.close(ours)
    os.close(theirs)
    assert f"Delete {NAME}, 5 MB? [y/N]" in asked
    assert "models--owner--model-GGUF" in asked
    assert len(list(home.rglob("*.gguf"))) == left
    assert process.returncode == (0 if left == 0 else 1)


class Health(BaseHTTPRequestHandler):
    """An endpoint that says that it serves."""

    def do_GET(self) -> None:
        body = b'{"status": "healthy", "model": "model-Q8_0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's own name
        """Nobody reads it."""


def test_the_model_that_is_served_stays(hub: StandIn, home: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Health) as endpoint:
        threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        served = {"TRAYPOINT_PORT": str(endpoint.server_port)}
        for name in (f"{NAME}:Q8_0", NAME):
            done = traypoint(hub, home, "rm", name, "--yes", more=served)
            assert done.returncode == 1
            assert "is being served" in done.stderr
        assert traypoint(hub, home, "rm", f"{NAME}:Q4_K_M", "--yes", more=served).returncode == 0
        endpoint.shutdown()
    assert [path.name for path in home.rglob("*.gguf")] == ["model-Q8_0.gguf"]


def test_without_a_yes_nothing_goes(hub: StandIn, home: Path) -> None:
    done = traypoint(hub, home, "rm", NAME)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert len(list(home.rglob("*.gguf"))) == 2


def test_a_name_that_is_not_here_is_told_with_those_that_are_near(hub: StandIn, home: Path) -> None:
    done = traypoint(hub, home, "rm", "model-Q4_K_N", "--yes")
    assert done.returncode == 2
    assert "did you mean model-Q4_K_M" in done.stderr


def test_what_another_program_keeps_is_its_own(hub: StandIn, home: Path) -> None:
    theirs = home / ".lmstudio" / "models" / "a" / "b" / "theirs.gguf"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"GGUF")
    done = traypoint(hub, home, "rm", "theirs", "--yes")
    assert done.returncode == 1
    assert "LM Studio" in done.stderr
    assert theirs.exists()


def test_a_model_in_the_apps_own_folder_goes(hub: StandIn, home: Path) -> None:
    own = home / "app" / "data" / "models" / "mine.gguf"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"GGUF")
    assert traypoint(hub, home, "rm", "mine", "--yes").returncode == 0
    assert not own.exists()
