"""GET and POST /app/downloads: who may ask, what is passed on, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from endpoint.app import create_app
from endpoint.app_contract import Deed, DownloadWish
from endpoint.protocol.downloads import AppDownloads
from endpoint.settings import Settings
from tests.endpoint.fake_app import OFFER, RUNNING, FakeApp
from tests.endpoint.guards.asgi import LOCAL, Answer, call
from tests.endpoint.serving import FAKE, Served, serving

PATH = "/app/downloads"
START = {"deed": "start", "wanted": "acme/Tiny-GGUF:Q4_0"}
STRANGER = ("192.168.1.77", 5000)
LAN = ("192.168.1.5", 8001)
KEY = {"authorization": "Bearer sk-right"}


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def served(app: FakeApp) -> Iterator[Served]:
    with serving(link=app) as running:
        yield running


def test_what_the_app_told_is_told(served: Served) -> None:
    body = served.client.get(PATH).json()
    assert body == {"available": True, "downloads": [asdict(RUNNING)], "offers": [asdict(OFFER)]}
    AppDownloads.model_validate(body)


def test_it_is_told_while_the_model_loads_and_when_it_failed(app: FakeApp) -> None:
    with serving(lambda _: 1 / 0, link=app) as served:  # type: ignore[arg-type, return-value]  # a loader that raises
        assert served.client.get(PATH).json()["available"] is True
        assert served.client.post(PATH, json=START).status_code == 202


@pytest.mark.parametrize("app", [FakeApp(told=None)])
def test_without_an_app_nothing_is_there_and_nothing_can_be_wished(served: Served) -> None:
    assert served.client.get(PATH).json() == {"available": False, "downloads": [], "offers": []}
    answer = served.client.post(PATH, json=START)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_app")
    assert answer.json()["error"]["message"].endswith("traypoint pull acme/Tiny-GGUF:Q4_0")


@pytest.mark.parametrize("deed", Deed)
def test_a_wish_is_passed_on(served: Served, app: FakeApp, deed: Deed) -> None:
    answer = served.client.post(PATH, json={"deed": deed.value, "wanted": " acme/Tiny-GGUF ", "more": 1})
    assert (answer.status_code, answer.json()) == (202, {"deed": deed.value, "wanted": "acme/Tiny-GGUF"})
    assert app.wishes == [DownloadWish(deed, "acme/Tiny-GGUF")]


def test_an_app_that_has_gone_is_told_of(served: Served, app: FakeApp) -> None:
    app.gone = BrokenPipeError(32, "Broken pipe")
    answer = served.client.post(PATH, json=START)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_app")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"deed": "start"}, "wanted"),
        ({"wanted": "a/b"}, "deed"),
        ({"deed": "delete", "wanted": "a/b"}, "deed"),
        ({"deed": "start", "wanted": 1}, "wanted"),
        ({"deed": "start", "wanted": "/etc/passwd"}, "wanted"),
        ({"deed": "start", "wanted": "a/../b"}, "wanted"),
        ({"deed": "start", "wanted": "--help"}, "wanted"),
        ({"deed": "start", "wanted": "a/b\nstop"}, "wanted"),
        ([], None),
    ],
)
def test_what_makes_no_sense_is_refused_and_goes_nowhere(
    served: Served, app: FakeApp, body: object, param: str | None
) -> None:
    answer = served.client.post(PATH, json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert app.wishes == []


def test_a_form_of_another_page_is_no_wish(served: Served, app: FakeApp) -> None:
    """A page may send text/plain anywhere without asking first."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = served.client.post(PATH, content=json.dumps(START), headers={"content-type": kind})
        assert answer.status_code == 400
        assert "Content-Type: application/json" in answer.json()["error"]["message"]
    headers = {"content-type": "application/json; charset=utf-8"}
    assert served.client.post(PATH, content=json.dumps(START), headers=headers).status_code == 202
    assert served.client.post(PATH, json=START, headers={"origin": "https://evil.example"}).status_code == 403
    assert served.client.post(PATH, json=START, headers={"host": "evil.example"}).status_code == 403
    assert len(app.wishes) == 1


def test_a_long_body_is_refused(served: Served) -> None:
    assert served.client.post(PATH, json={**START, "more": "x" * 5000}).status_code == 413


def ask(served: Served, method: str, client: tuple[str, int], headers: dict[str, str]) -> Answer:
    """Of an endpoint that others can reach, and that asks them for a key."""
    settings = Settings(ref=FAKE.ref, host="0.0.0.0", api_key="sk-right")
    app = create_app(served.engine, settings, link=FakeApp())
    sent = {"host": "192.168.1.5", "content-type": "application/json", **headers}
    return call(
        app, method=method, path=PATH, client=client, server=LAN, headers=sent, body=[json.dumps(START).encode()]
    )


@pytest.mark.parametrize(("method", "good"), [("GET", 200), ("HEAD", 200), ("POST", 202)])
def test_only_callers_on_this_machine_are_answered(served: Served, method: str, good: int) -> None:
    assert ask(served, method, STRANGER, {}).status == 401
    with_key = ask(served, method, STRANGER, KEY)
    assert with_key.status == 403
    assert b"on this machine only" in with_key.body
    assert ask(served, method, LOCAL, {}).status == good
    assert ask(served, method, (LAN[0], 5000), {}).status == good


def test_where_everyone_needs_the_key_it_is_needed_here_too(app: FakeApp) -> None:
    with serving(settings=replace(FAKE, api_key="sk-right", require_key=True), link=app) as served:
        assert served.client.get(PATH).status_code == 401
        assert served.client.post(PATH, json=START).status_code == 401
        assert served.client.post(PATH, json=START, headers=KEY).status_code == 202
