"""The relay passes on what comes, and keeps it."""

from __future__ import annotations

import httpx
import pytest

from tests.clients.relay import relaying
from tests.endpoint.serving import Served, serving


@pytest.fixture
def served() -> object:
    with serving() as endpoint:
        yield endpoint


def test_a_stream_arrives_as_the_endpoint_sent_it_and_is_kept(served: Served) -> None:
    body = {
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    with relaying(served.port) as relay, httpx.Client(base_url=f"http://127.0.0.1:{relay.port}") as client:
        text = client.post("/v1/chat/completions?x=1", json=body).text
        relay.settle()
    (seen,) = relay.exchanges
    assert text == seen.answer.decode()
    assert text.endswith("data: [DONE]\n\n")
    assert (seen.method, seen.path, seen.status, seen.problem) == ("POST", "/v1/chat/completions", 200, None)
    assert seen.usage is not None


def test_a_chunked_request_and_a_refusal_are_passed_on_over_one_connection(served: Served) -> None:
    pieces = iter([b'{"messages": [{"role": "user",', b' "content": "hello"}]}'])
    with relaying(served.port) as relay, httpx.Client(base_url=f"http://127.0.0.1:{relay.port}") as client:
        well = client.post("/v1/chat/completions", content=pieces, headers={"content-type": "application/json"})
        refused = client.post("/v1/chat/completions", json={"messages": 1})
        gone = client.get("/nowhere")
        relay.settle()
    assert well.json()["choices"][0]["message"]["content"]
    assert refused.json()["error"]["param"] == "messages"
    assert [seen.status for seen in relay.exchanges] == [200, 400, 404] == [200, refused.status_code, gone.status_code]
