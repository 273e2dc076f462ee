"""The status page over HTTP: who gets it, with which headers, and what it can't be used for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from endpoint.app import create_app
from endpoint.engine.engine import Engine
from endpoint.routes.page import load_page
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import Answer, call
from tests.endpoint.serving import FAKE, Served, load_fake, serving

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MODEL = "name-of-the-model"
PAGE = load_page()
LAN = ("192.168.1.5", 8001)
STRANGER = ("192.168.1.77", 5000)


def test_a_browser_gets_the_page_and_a_program_json(served: Served) -> None:
    page = served.client.get("/", headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1" in page.text
    for headers in ({}, {"accept": "application/json"}):
        assert served.client.get("/", headers=headers).json()["health"] == "/health"
    for headers in ({}, BROWSER):
        assert "Accept" in served.client.get("/", headers=headers).headers["vary"]
        assert served.client.head("/", headers=headers).content == b""
    assert served.client.head("/").headers["content-type"] == "application/json"


def test_every_file_that_is_named_is_there_and_nothing_comes_from_elsewhere(served: Served) -> None:
    texts = {path: file.content.decode() for path, file in PAGE.items()}
    named = set(re.findall(r'(?:href|src)="(/page/[^"]+)"', texts["/"]))
    named |= {f"/page/{name}" for text in texts.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert named == PAGE.keys() - {"/"}
    for path in named:
        assert served.client.get(path).content == PAGE[path].content
    loaded = re.findall(r"""(?:src|href|url|import)\W{1,3}(https?:)?//""", "".join(texts.values()))
    assert not loaded


def test_the_page_is_small() -> None:
    assert sum(len(file.content) for file in PAGE.values()) <= 64_000


def test_the_files_are_short() -> None:
    assert max(file.content.count(b"\n") for file in PAGE.values()) <= 300


@pytest.mark.parametrize("path", PAGE)
def test_every_file_comes_with_the_policy(served: Served, path: str) -> None:
    headers = served.client.get(path, headers=BROWSER).headers
    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_browser_that_has_a_file_is_not_sent_it_again(served: Served) -> None:
    first = served.client.get("/page/page.js")
    assert first.headers["cache-control"] == "no-cache"
    again = served.client.get("/page/page.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.client.get("/page/page.js", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/page/", "/page/none.js", "/page/../app.py", "/page/%2e%2e/app.py", "/page"])
def test_there_is_nothing_else_in_the_folder(served: Served, path: str) -> None:
    with httpx.Client(base_url=served.url) as client:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        assert client.send(request).status_code == 404


@pytest.mark.parametrize("path", ["/", "/page/page.js"])
def test_a_page_of_another_site_gets_nothing(served: Served, path: str) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        assert served.client.get(path, headers={**BROWSER, **headers}).status_code == 403


@pytest.fixture(scope="module")
def wide() -> Iterator[Engine]:
    with serving(load_fake()) as running:
        yield running.engine


def ask(engine: Engine, path: str, headers: dict[str, str], method: str = "GET") -> Answer:
    """As a stranger from the network, where others need the key."""
    app = create_app(engine, Settings(ref=FAKE.ref, host="0.0.0.0", api_key="sk-right"))
    return call(app, method=method, path=path, client=STRANGER, server=LAN, headers={"host": "192.168.1.5", **headers})


def test_strangers_get_the_empty_shell_and_not_a_word_of_what_it_shows(wide: Engine) -> None:
    for path, file in PAGE.items():
        answer = ask(wide, path, BROWSER)
        assert (answer.status, answer.body) == (200, file.content)  # the same bytes for everyone
        assert b"sk-right" not in answer.body


@pytest.mark.parametrize(
    "path", ["/acore/prompt_cache/recent", "/acore/prompt_cache/stats", "/acore/prompt_cache/explain", "/v1/models"]
)
def test_what_the_page_asks_for_stays_behind_the_key(wide: Engine, path: str) -> None:
    assert ask(wide, path, BROWSER).status == 401
    assert ask(wide, path, {**BROWSER, "authorization": "Bearer sk-wrong"}).status == 401


@pytest.mark.parametrize("path", ["/", "/page/none.js", "/page/../v1/models", "//", "/page"])
def test_no_other_path_is_opened_by_it(wide: Engine, path: str) -> None:
    assert ask(wide, path, {}).status == 401


def test_a_stranger_may_not_post_there(wide: Engine) -> None:
    assert ask(wide, "/", BROWSER, method="POST").status == 405


def test_a_rebound_name_does_not_reach_it(wide: Engine) -> None:
    assert ask(wide, "/", {**BROWSER, "host": "evil.example"}).status == 403
