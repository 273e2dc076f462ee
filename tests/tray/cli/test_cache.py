"""`traypoint cache`, from its words to what it prints."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tray.cache_server import STATS, Server, cache_server
from tray.__main__ import main

FILLED = "0 MB of 2.0 GB in memory · 3.0 MB of 5.0 GB on disk"


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRAYPOINT_PORT", "TRAYPOINT_HOST", "ABSTRACTENDPOINT_PORT", "ABSTRACTENDPOINT_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("TRAYPOINT_API_KEY", raising=False)
    monkeypatch.setenv("TRAYPOINT_CONFIG_DIR", str(tmp_path))


@pytest.fixture
def server() -> Iterator[Server]:
    with cache_server() as made:
        sizes = {"ram_bytes": 0, "ram_budget_bytes": 2 * 10**9, "disk_bytes": 3 * 10**6, "disk_budget_bytes": 5 * 10**9}
        made.body = json.dumps({"stats": sizes}).encode()
        yield made


def ask(server: Server, *words: str) -> int:
    return main(["cache", *words, "--port", str(server.server_address[1])])


def test_it_prints_what_the_cache_takes(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(server) == 0
    assert capsys.readouterr().out == f"{FILLED}\n"
    assert [method for method, *_ in server.asked] == ["GET"]


def test_it_clears_the_cache_and_prints_what_it_takes_then(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(server, "clear", "--api-key", "secret") == 0
    assert capsys.readouterr().out == f"Prompt cache cleared · {FILLED}\n"
    assert [(method, key) for method, _, _, key in server.asked] == [
        ("POST", "Bearer secret"),
        ("GET", "Bearer secret"),
    ]


def test_the_json_is_all_that_the_endpoint_tells(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.body = json.dumps(STATS).encode()
    assert ask(server, "--json") == 0
    assert json.loads(capsys.readouterr().out) == STATS["stats"]


def test_where_to_ask_is_read_from_the_environment_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAYPOINT_PORT", str(server.server_address[1]))
    assert main(["cache"]) == 0


def test_a_refusal_is_one_line_with_its_reason(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.code, server.body = 401, b'{"error": "No API key."}'
    assert ask(server, "clear") == 1
    said = capsys.readouterr().err
    assert said.startswith("traypoint: error: The prompt cache at 127.0.0.1:")
    assert said.endswith(": No API key.\n")


def test_where_no_endpoint_answers_it_says_how_to_name_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert main(["cache", "--port", str(port)]) == 1
    assert capsys.readouterr().err == (
        f"traypoint: error: The prompt cache at 127.0.0.1:{port}: nothing answers there. "
        "Start Traypoint, or name another place with --host and --port.\n"
    )


def test_a_wrong_word_is_a_mistake_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["cache", "empty"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("traypoint: error: argument deed: invalid choice: 'empty'")
