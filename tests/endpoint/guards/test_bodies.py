from __future__ import annotations

import asyncio
import json

import pytest

from endpoint.errors import BodyTooLarge
from endpoint.guards.bodies import BodyGuard
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import Answer, call, inner_app
from tests.endpoint.serving import serving

LIMIT = 100


def post(chunks: list[bytes], announced: str | None = None) -> Answer:
    headers = {} if announced is None else {"content-length": announced}
    return call(BodyGuard(inner_app, LIMIT), method="POST", headers=headers, body=chunks)


def test_a_body_up_to_the_limit_comes_in() -> None:
    assert post([b"x" * LIMIT], str(LIMIT)).came_in
    assert post([b"x" * 50, b"x" * 50]).came_in


def test_an_announced_length_over_the_limit_is_refused() -> None:
    answer = post([b"x" * 101], "101")
    assert answer.status == 413
    assert json.loads(answer.body)["error"]["code"] == "request_too_large"


@pytest.mark.parametrize("announced", [None, "10"])
def test_chunks_are_counted_whatever_was_announced(announced: str | None) -> None:
    with pytest.raises(BodyTooLarge, match="100 bytes"):
        post([b"x" * 60, b"x" * 60], announced)


def test_a_refused_body_is_read_to_its_end_so_that_the_client_reads_the_answer() -> None:
    chunks = [b"x" * 60 for _ in range(5)]
    left: list[int] = []

    async def run() -> None:
        async def receive() -> dict[str, object]:
            chunk = chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(message: object) -> None:
            left.append(len(chunks))

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"300")]}
        await BodyGuard(inner_app, LIMIT)(scope, receive, send)

    asyncio.run(run())
    assert left[0] == 0


def test_over_a_real_connection_both_ways_get_413_and_the_server_lives() -> None:
    with serving(settings=Settings(max_body_bytes=10_000)) as served:
        body = b"x" * 5_000_000
        assert served.client.post("/v1/completions", content=body).status_code == 413
        chunked = served.client.post(
            "/v1/completions", content=(body[start : start + 9000] for start in range(0, 20_000, 9000))
        )
        assert chunked.status_code == 413
        assert chunked.json()["error"]["code"] == "request_too_large"
        assert served.complete("abc").status_code == 200
