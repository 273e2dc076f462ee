from __future__ import annotations

import pytest

from endpoint.guards.origins import OriginGuard
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import Answer, call, inner_app

GUARD = OriginGuard(inner_app, Settings(allowed_origins=("https://chat.example/",)))


def ask(origin: str, host: str = "localhost:8001") -> Answer:
    return call(GUARD, headers={"origin": origin, "host": host})


def test_programs_send_no_origin_and_pass_without_cors_headers() -> None:
    answer = call(GUARD)
    assert answer.came_in
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://127.0.0.1",
        "http://[::1]:5173",
        "http://app.localhost",
        "app://obsidian.md",
        "tauri://localhost",
        "vscode-webview://0abc",
        "vscode-file://vscode-app",
        "https://chat.example",
    ],
)
def test_pages_of_this_machine_apps_and_allowed_sites_get_cors_headers(origin: str) -> None:
    answer = ask(origin)
    assert answer.came_in
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://localhost.evil.example",
        "https://chat.example.evil.example",
        "http://chat.example",
        "file://",
        "chrome-extension://abc",
        "http://[::1",
        "http://localhost@evil.example",
        "",
    ],
)
def test_other_pages_are_refused_with_the_way_to_allow_them(origin: str) -> None:
    answer = ask(origin)
    assert answer.status == 403
    assert b"--allowed-origin" in answer.body
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_served_from_the_very_same_address_passes() -> None:
    assert ask("http://192.168.1.5:8001", host="192.168.1.5:8001").came_in
    assert ask("http://192.168.1.5:9000", host="192.168.1.5:8001").status == 403


def test_a_preflight_is_answered_for_an_allowed_page_only() -> None:
    wish = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
        "access-control-request-private-network": "true",
    }
    answer = call(GUARD, method="OPTIONS", headers={"origin": "http://localhost:3000", **wish})
    assert answer.status == 204
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert call(GUARD, method="OPTIONS", headers={"origin": "https://evil.example", **wish}).status == 403
