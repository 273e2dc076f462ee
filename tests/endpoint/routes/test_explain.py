"""The header that tells each answer's hit, and the two routes that tell of the last requests."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from endpoint.cache.report import CacheReport, Shortfall, Tier
from endpoint.protocol.acore.explained import write_header
from endpoint.protocol.schemas import ErrorReply
from tests.endpoint.explain.asking import ROOT, RULES, explain, list_recent, say, serving_chats
from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

MESSAGES = [say("system", RULES), say("user", "Which ship came in last?")]
QUESTION = say("user", "Which ship came in last?")
CHAT = {"messages": MESSAGES, "max_tokens": 4}
FAMILIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": {"prompt": RULES, "max_tokens": 4},
    "/v1/responses": {"instructions": RULES, "input": "Which ship?", "max_output_tokens": 16},
    "/v1/messages": {"system": RULES, "messages": [QUESTION], "max_tokens": 4},
}


@pytest.fixture(scope="module")
def chatting() -> Iterator[Served]:
    with serving_chats() as running:
        yield running


def hit(response: httpx.Response) -> tuple[int, int]:
    """Tokens that were reused, and those of the prompt."""
    cached, prompt = response.headers["x-prompt-cache"].split(";")[0].removeprefix("hit=").split("/")
    return int(cached), int(prompt)


@pytest.mark.parametrize("path", FAMILIES)
@pytest.mark.parametrize("streams", [False, True])
def test_every_answer_tells_its_hit_in_a_header(chatting: Served, path: str, streams: bool) -> None:
    for _ in range(2):
        response = chatting.client.post(path, json={**FAMILIES[path], "stream": streams})
        assert response.status_code == 200, response.text
    cached, prompt = hit(response)
    assert cached == prompt - 1, "all but the last token, which the answer begins with"
    assert response.headers["x-prompt-cache"] == f"hit={cached}/{prompt}; tier=ram"


@pytest.mark.parametrize("path", FAMILIES)
def test_a_request_is_explained_by_either_of_its_ids(chatting: Served, path: str) -> None:
    response = chatting.client.post(path, json=FAMILIES[path])
    told = explain(chatting, response.json()["id"])
    assert told == explain(chatting, response.headers["x-request-id"])
    assert (told.cached_tokens, told.prompt_tokens) == hit(response)
    assert told.x_request_id == response.headers["x-request-id"]


def test_a_streamed_request_is_explained_too(chatting: Served) -> None:
    response = chatting.client.post("/v1/chat/completions", json={**CHAT, "stream": True})
    told = explain(chatting, read_events(response)[0]["id"])
    assert told.summary.startswith("Nothing was missed")


def test_the_first_of_several_choices_speaks_for_all(chatting: Served) -> None:
    response = chatting.client.post("/v1/chat/completions", json={**CHAT, "n": 3})
    told = explain(chatting, response.json()["id"])
    assert hit(response) == (told.cached_tokens, told.prompt_tokens)


def test_a_key_is_told_so_that_any_header_can_carry_it(chatting: Served) -> None:
    name = "agent; tier=é\r\n"
    response = chatting.client.post("/v1/chat/completions", json={**CHAT, "prompt_cache_key": name})
    assert "; key=agent%3B%20tier%3D%C3%A9" in response.headers["x-prompt-cache"]


def test_the_header_is_as_documented() -> None:
    prompt = tuple(range(1380))
    report = CacheReport(prompt, 1372, Tier.DISK, Shortfall.NOTHING, "a b")
    assert write_header(report) == "hit=1372/1380; tier=disk; key=a%20b"
    assert write_header(CacheReport(prompt, 0, Tier.NONE, Shortfall.NEW)) == "hit=0/1380; tier=none; miss=new"


def test_web_pages_may_read_the_header(chatting: Served) -> None:
    response = chatting.client.post("/v1/chat/completions", json=CHAT, headers={"origin": "http://localhost:3000"})
    assert "x-prompt-cache" in response.headers["access-control-expose-headers"]


def test_recent_requests_come_newest_first(chatting: Served) -> None:
    ids = [chatting.client.post("/v1/chat/completions", json=CHAT).json()["id"] for _ in range(3)]
    assert [each.request_id for each in list_recent(chatting, 2).requests] == [ids[2], ids[1]]
    assert len(list_recent(chatting).requests) <= 20


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "\u00b2", "9" * 5_000])
def test_a_limit_that_makes_no_sense_is_named(chatting: Served, limit: str) -> None:
    response = chatting.client.get(f"{ROOT}/recent", params={"limit": limit})
    assert (response.status_code, ErrorReply.model_validate(response.json()).error.param) == (400, "limit")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("", 400, None), ("?request_id=chatcmpl-0", 404, "prompt_cache_unknown_request")],
)
def test_a_request_that_is_not_known_is_told_so(chatting: Served, query: str, status: int, code: str | None) -> None:
    response = chatting.client.get(f"{ROOT}/explain{query}")
    assert (response.status_code, ErrorReply.model_validate(response.json()).error.code) == (status, code)


def test_switched_off_nothing_is_remembered_and_the_header_still_comes() -> None:
    with serving(settings=dataclasses.replace(FAKE, explains=False)) as served:
        response = served.chat("hello")
        assert hit(response) == (0, 5)
        for path in (f"explain?request_id={response.json()['id']}", "recent"):
            answer = served.client.get(f"{ROOT}/{path}")
            assert answer.status_code == 501
            assert "--no-explain" in answer.json()["error"]["message"]


def test_a_stream_that_has_to_wait_begins_without_the_header_and_is_remembered_all_the_same() -> None:
    settings = dataclasses.replace(FAKE, keep_alive_s=0.05)
    with serving(load_fake("echo,step_ms=5", parallel=1), settings) as served:
        with served.client.stream("POST", "/v1/completions", json={"prompt": "busy " * 700, "stream": True}) as busy:
            wait_until(lambda: served.engine.health().active == 1, "the only row is taken")
            waiting = served.client.build_request("POST", "/v1/completions", json={"prompt": "x" * 40, "stream": True})
            response = served.client.send(waiting, stream=True)
            assert "x-prompt-cache" not in response.headers
            busy.close()
        response.read()
        response.close()
        assert list_recent(served, 1).requests[0].prompt_tokens == 40


def test_no_prompt_text_gets_into_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    marker = "xylophone-7731"
    with caplog.at_level(logging.DEBUG), serving_chats() as served:
        for ending in ("one", "two"):
            body = {"messages": [say("system", f"{RULES} {marker} {ending}"), QUESTION], "max_tokens": 4}
            response = served.client.post("/v1/chat/completions", json=body)
        told = explain(served, response.json()["id"])
        assert told.divergence is not None
        assert marker in told.divergence.text_before
        list_recent(served)
    assert marker not in caplog.text
