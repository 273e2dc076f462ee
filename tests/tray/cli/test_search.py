"""`traypoint search`: the ranked list, the user's own list, and the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.repos import Repo
from tests.hub.standin import StandIn
from tests.tray.cli.hub_home import read_json, traypoint

LIST = b"""\
schema = 1
[[models]]
name = "Ours"
repo = "owner/ours-GGUF"
form = "gguf"
size_gb = 0.1
memory_gb = 0.2
[[models]]
name = "Theirs"
repo = "../../etc/passwd"
form = "gguf"
size_gb = 1
memory_gb = 1
"""


@pytest.fixture
def hub() -> Iterator[StandIn]:
    repos = [
        Repo("owner/qwen-GGUF", {}, downloads=5),
        Repo("owner/qwen-4bit", {}, tags=("mlx", "license:mit"), downloads=9, gate="hf_x"),
        Repo("owner/gemma-GGUF", {}),
    ]
    with StandIn(*repos) as hub:
        yield hub


def test_without_words_the_list_is_shown_with_sizes_and_licences(hub: StandIn, tmp_path: Path) -> None:
    done = traypoint(hub, tmp_path, "search", "--all")
    assert done.returncode == 0
    assert "Apache-2.0" in done.stdout
    assert not hub.ledger.requests


def test_with_words_the_hub_is_asked(hub: StandIn, tmp_path: Path) -> None:
    found = read_json(traypoint(hub, tmp_path, "search", "qwen", "--json"))["repositories"]
    assert [(each["repo"], each["kind"], each["licence"], each["gated"]) for each in found] == [
        ("owner/qwen-4bit", "mlx", "mit", True),
        ("owner/qwen-GGUF", "gguf", "apache-2.0", False),
    ]


def test_the_users_own_list_is_fetched_checked_and_not_fetched_again(hub: StandIn, tmp_path: Path) -> None:
    hub.extra["/list.toml"] = (LIST, '"one"')
    url = f"{hub.url}/list.toml"
    assert traypoint(hub, tmp_path, "config", "set", "models.catalogue_url", url).returncode == 0
    first = traypoint(hub, tmp_path, "search", "--json", more={"HF_TOKEN": "hf_secretsecret"})
    assert [each["name"] for each in read_json(first)["models"]] == ["Ours"]
    assert "model 2 of the list: repo can't be" in first.stderr
    assert read_json(traypoint(hub, tmp_path, "search", "--json")) == read_json(first)
    assert "if-none-match" in hub.ledger.requests[-1].headers
    assert not any("authorization" in request.headers for request in hub.ledger.requests)


def test_a_list_that_can_not_be_had_is_told_and_the_built_in_one_shown(hub: StandIn, tmp_path: Path) -> None:
    traypoint(hub, tmp_path, "config", "set", "models.catalogue_url", f"{hub.url}/nothing")
    done = traypoint(hub, tmp_path, "search", "--json", "--all")
    assert "HTTP 404" in done.stderr
    assert len(read_json(done)["models"]) > 10


def test_an_address_that_anybody_could_change_is_refused(hub: StandIn, tmp_path: Path) -> None:
    done = traypoint(hub, tmp_path, "config", "set", "models.catalogue_url", "http://example.com/list")
    assert done.returncode == 2
    assert "https://" in done.stderr
