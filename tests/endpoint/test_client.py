"""The Python client against a real server."""

from __future__ import annotations

from collections.abc import Iterator
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
