"""What a client is told, and where that comes from."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.tray.cache_server import cache_server
from tray.clients.asking import Served, ask_served, read_served
from tray.clients.facts import Ask, gather_facts, name_model
from tray.clients.values import ClientFacts
from tray.errors import OptionError
from tray.options import Choices, Options, merge

SERVED = Served("qwen", 4096)


def answer(served: Served | None) -> Ask:
    return lambda _host, _port, _key: served


def options(choices: Choices | None = None) -> Options:
    return merge(choices or Choices())


def test_what_the_endpoint_says_wins_over_the_settings(tmp_path: Path) -> None:
    gathered = gather_facts(Choices(), options(Choices(model="/m/old.gguf", ctx_size=1)), tmp_path, answer(SERVED))
    assert gathered.facts == ClientFacts("http://127.0.0.1:8001/v1", "qwen", None, 4096)
    assert gathered.notes == ()


def test_flags_win_over_what_the_endpoint_says(tmp_path: Path) -> None:
    flags = Choices(model="mine", ctx_size=99)
    assert gather_facts(flags, merge(flags), tmp_path, answer(SERVED)).facts.model == "mine"
    assert gather_facts(flags, merge(flags), tmp_path, answer(SERVED)).facts.n_ctx == 99


def test_without_an_answer_the_settings_say_it_and_a_note_tells(tmp_path: Path) -> None:
    gathered = gather_facts(
        Choices(), options(Choices(model="/m/old.gguf", port=9, ctx_size=0)), tmp_path, answer(None)
    )
    assert gathered.facts == ClientFacts("http://127.0.0.1:9/v1", "old", None, None)
    assert gathered.notes == (
        "nothing answers at http://127.0.0.1:9/v1, so it was not asked for its model: taking 'old'.",
    )


@pytest.mark.parametrize(
    ("host", "url", "key"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001/v1", None),
        ("localhost", "http://127.0.0.1:8001/v1", None),
        ("0.0.0.0", "http://127.0.0.1:8001/v1", "tp-made"),
        ("::", "http://[::1]:8001/v1", "tp-made"),
        ("192.168.1.5", "http://192.168.1.5:8001/v1", "tp-made"),
    ],
)
def test_the_key_that_an_open_endpoint_made_is_read_from_its_file(
    host: str, url: str, key: str | None, tmp_path: Path
) -> None:
    (tmp_path / "api-key").write_text("tp-made\n", encoding="utf-8")
    facts = gather_facts(Choices(), options(Choices(host=host)), tmp_path, answer(SERVED)).facts
    assert (facts.base_url, facts.api_key) == (url, key)


def test_a_key_that_was_given_wins_and_a_missing_file_is_none(tmp_path: Path) -> None:
    given = options(Choices(host="10.0.0.7", api_key="given"))
    assert gather_facts(Choices(), given, tmp_path, answer(SERVED)).facts.api_key == "given"
    assert gather_facts(Choices(), options(Choices(host="10.0.0.7")), tmp_path, answer(SERVED)).facts.api_key is None


def test_a_port_that_is_not_known_can_t_be_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--port"):
        gather_facts(Choices(), options(Choices(port=0)), tmp_path, answer(None))


def test_a_model_is_named_as_the_endpoint_would() -> None:
    assert [name_model(m) for m in ("/m/a.b.gguf", "starter", "org/name")] == ["a.b", "starter", "name"]


def test_the_running_endpoint_is_asked_with_the_key() -> None:
    with cache_server() as server:
        server.body = json.dumps({"data": [{"id": "m", "context_length": 8192}]}).encode()
        assert ask_served("127.0.0.1", server.server_address[1], "k") == Served("m", 8192)
        assert [(method, path, key) for method, path, _, key in server.asked] == [("GET", "/v1/models", "Bearer k")]
        server.code = 503
        assert ask_served("127.0.0.1", server.server_address[1], None) is None


def test_where_nothing_listens_and_with_a_key_that_no_header_carries_nothing_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert ask_served("127.0.0.1", port, None) is None
    assert ask_served("127.0.0.1", port, "new\nline") is None


@pytest.mark.parametrize(
    ("body", "served"),
    [
        (b"", None),
        (b"[]", None),
        (b'{"data": []}', None),
        (b'{"data": [[]]}', None),
        (b'{"data": [{"id": 1}]}', None),
        (b'{"data": [{"id": "m"}]}', Served("m", None)),
        (b'{"data": [{"id": "m", "context_length": "many"}]}', Served("m", None)),
        (b'{"data": [{"id": "m", "context_length": -1}]}', Served("m", None)),
    ],
)
def test_an_answer_that_makes_no_sense_is_none(body: bytes, served: Served | None) -> None:
    assert read_served(body) == served
