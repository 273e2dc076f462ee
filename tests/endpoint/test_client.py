"""The Python client against a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from endpoint.client import PromptCacheClient, PromptCacheError
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.serving import FAKE, Served, serving

RULES = "You are a harbour master, and you know each ship that ever came in by its name and by its port."


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(open_store=Disk().open) as running:
        yield running


@pytest.fixture
def client(served: Served) -> PromptCacheClient:
    return PromptCacheClient(f"{served.url}/v1/")


def test_a_key_from_its_making_to_its_end(client: PromptCacheClient) -> None:
    assert client.capabilities()["capabilities"]["supported"]
    client.set("agent", make_default=False, ttl_s=600)
    count = client.update("agent", system_prompt=RULES)["token_count"]
    assert client.fork("agent", "branch")["token_count"] == count
    assert client.note("branch", {"run": "7"})["meta"]["run"] == "7"
    assert client.stats()["stats"]["keys"] == ["agent", "branch"]
    assert client.clear("branch")["cleared"] == 1
    assert client.save("agent", "v1")["saved"]["name"] == "v1"
    assert client.clear()["cleared"] == 1


def test_what_was_saved_is_loaded_listed_and_deleted(client: PromptCacheClient) -> None:
    client.update("agent", system_prompt=RULES)
    client.save("agent", "v1")
    assert [saved["name"] for saved in client.list_saved()["saved"]] == ["v1"]
    assert client.load("v1", "again")["key"] == "again"
    client.delete("v1")
    assert client.list_saved()["saved"] == []


def test_modules_are_prepared(client: PromptCacheClient) -> None:
    told = client.prepare_modules("acme", [{"module_id": "persona", "system_prompt": RULES}], make_default=True)
    assert client.stats()["stats"]["default_key"] == told["final_cache_key"]


def test_a_request_is_explained(client: PromptCacheClient, served: Served) -> None:
    answer = served.chat(RULES, max_tokens=2)
    (line,) = client.recent(1)["requests"]
    assert line["request_id"] == answer.json()["id"]
    for number in (line["request_id"], answer.headers["x-request-id"]):
        assert client.explain(number)["prompt_tokens"] == len(RULES)


def test_a_refusal_is_an_error_with_its_code(client: PromptCacheClient) -> None:
    with pytest.raises(PromptCacheError, match="no key 'nobody'") as caught:
        client.fork("nobody", "x")
    assert (caught.value.status, caught.value.code) == (404, "prompt_cache_missing_source_key")
    with pytest.raises(PromptCacheError) as caught:
        client.explain("chatcmpl-unknown")
    assert (caught.value.status, caught.value.code) == (404, "prompt_cache_unknown_request")


def test_a_key_is_asked_for_where_the_endpoint_wants_one() -> None:
    with serving(settings=replace(FAKE, api_key="sk-1", require_key=True)) as served:
        with pytest.raises(PromptCacheError) as caught:
            PromptCacheClient(served.url).stats()
        assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")
        assert PromptCacheClient(served.url, "sk-1").stats()["stats"]["entries"] == 0


def test_no_endpoint_is_told_in_words() -> None:
    with pytest.raises(PromptCacheError, match="Is the endpoint running") as caught:
        PromptCacheClient("http://127.0.0.1:9").stats()
    assert caught.value.status == 0
    with pytest.raises(ValueError, match="must begin with"):
        PromptCacheClient("127.0.0.1:8001")


@contextmanager
def answering(said: bytes) -> Iterator[str]:
    """The URL of something that is no endpoint: it says this to the first that comes; with nothing to say, it waits."""
    over = threading.Event()

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(said)
            assert said or over.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"), [("200 OK", b"<html>"), ("200 OK", b"[1]"), ("502 Bad Gateway", b"oops"), ("200 OK", b"\xff")]
)
def test_an_answer_of_something_else_is_told_with_its_beginning(status: str, body: bytes) -> None:
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with answering(head + body) as url, pytest.raises(PromptCacheError, match="is no JSON object") as caught:
        PromptCacheClient(url).stats()
    assert (caught.value.status, caught.value.code) == (int(status[:3]), "not_json")
    assert str(body) in str(caught.value)


@pytest.mark.parametrize("said", [b"", b"what?\r\n"], ids=["silence", "no HTTP"])
def test_silence_and_nonsense_are_told_in_words(said: bytes) -> None:
    with answering(said) as url, pytest.raises(PromptCacheError, match=r"No answer from 127\.0\.0\.1") as caught:
        PromptCacheClient(url, timeout_s=0.2).stats()
    assert (caught.value.status, caught.value.code) == (0, "no_answer")
