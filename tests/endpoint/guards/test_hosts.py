from __future__ import annotations

import socket

import pytest

from endpoint.guards.hosts import HostGuard
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import call, inner_app

LOOPBACK = Settings()
WIDE = Settings(host="0.0.0.0")


@pytest.mark.parametrize(
    "host",
    ["localhost:8001", "LOCALHOST", "localhost.", "app.localhost:1", "127.0.0.1:8001", "127.0.0.2", "[::1]:8001"],
)
@pytest.mark.parametrize("settings", [LOOPBACK, WIDE], ids=["loopback", "wide"])
def test_loopback_names_are_always_ours(settings: Settings, host: str) -> None:
    assert call(HostGuard(inner_app, settings), headers={"host": host}).came_in


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8001",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evillocalhost",
        "192.168.1.5:8001",
        "0.0.0.0:8001",
        "[::2]",
        "localhost@evil.example",
        "",
    ],
)
def test_other_names_are_refused_on_loopback_with_the_way_to_allow_them(host: str) -> None:
    answer = call(HostGuard(inner_app, LOOPBACK), headers={"host": host})
    assert answer.status == 403
    assert b"--allowed-host" in answer.body


def test_a_wide_bind_takes_addresses_and_its_own_names_but_no_others() -> None:
    guard = HostGuard(inner_app, WIDE)
    name = socket.gethostname()
    for host in ("192.168.1.5:8001", "[fe80::1]:8001", "8.8.8.8", name, f"{name.partition('.')[0]}.local:8001"):
        assert call(guard, headers={"host": host}).came_in, host
    assert call(guard, headers={"host": "evil.example"}).status == 403


def test_allowed_hosts_and_the_bound_name_come_in() -> None:
    guard = HostGuard(inner_app, Settings(host="box.lan", allowed_hosts=("Llm.Example", "other.example:443")))
    for host in ("box.lan:8001", "llm.example", "LLM.example:9", "other.example"):
        assert call(guard, headers={"host": host}).came_in, host
    assert call(guard, headers={"host": "sub.llm.example"}).status == 403


def test_two_host_headers_are_refused() -> None:
    assert call(HostGuard(inner_app, LOOPBACK), headers=[("host", "localhost"), ("host", "evil.example")]).status == 403


def test_a_star_allows_every_name() -> None:
    assert call(HostGuard(inner_app, Settings(allowed_hosts=("*",))), headers={"host": "any.example"}).came_in
