"""POST /v1/embeddings with the fake provider: shapes, forms of input, limits, and life beside running streams."""

from __future__ import annotations

import base64
import dataclasses
import math
import struct
import threading

import httpx
import openai
import pytest

from endpoint.protocol.schemas import Embeddings, ErrorReply
from endpoint.providers.embedding import Pooling
from endpoint.providers.fake_embedding import DIMENSIONS, embed_bytes
from tests.endpoint.scraping import parse
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until


def embed(served: Served, given: object, **fields: object) -> httpx.Response:
    return served.client.post("/v1/embeddings", json={"input": given, **fields})


def vectors(response: httpx.Response) -> list[list[float]]:
    assert response.status_code == 200, response.text
    answer = Embeddings.model_validate(response.json())
    assert [each.index for each in answer.data] == list(range(len(answer.data)))
    return [each.embedding for each in answer.data if isinstance(each.embedding, list)]


def unit(numbers: list[float]) -> list[float]:
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def test_a_text_becomes_a_vector_of_length_one(served: Served) -> None:
    response = embed(served, "hello")
    [vector] = vectors(response)
    assert vector == pytest.approx(unit(list(embed_bytes(b"hello", Pooling.MEAN))))
    assert math.hypot(*vector) == pytest.approx(1)
    body = response.json()
    assert (body["pooling"], body["model"], body["object"]) == ("mean", "echo", "list")
    assert body["usage"] == {"prompt_tokens": 5, "total_tokens": 5}


def test_a_batch_comes_back_in_order_and_as_if_alone(served: Served) -> None:
    texts = ["a", "x" * 500, "bb", "ccc"]
    response = embed(served, texts)
    assert vectors(response) == [vectors(embed(served, text))[0] for text in texts]
    assert response.json()["usage"]["total_tokens"] == 506


def test_tokens_stand_for_their_text(served: Served) -> None:
    texts = vectors(embed(served, ["hi", "ho"]))
    assert vectors(embed(served, [list(b"hi"), list(b"ho")])) == texts
    assert vectors(embed(served, list(b"hi"))) == texts[:1]


def test_base64_holds_little_endian_floats(served: Served) -> None:
    [vector] = vectors(embed(served, "hello"))
    encoded = embed(served, "hello", encoding_format="base64").json()["data"][0]["embedding"]
    assert struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(encoded)) == tuple(vector)


def test_fewer_dimensions_are_the_first_ones_normalised_again(served: Served) -> None:
    [vector] = vectors(embed(served, "hello"))
    [short] = vectors(embed(served, "hello", dimensions=3))
    assert short == pytest.approx(unit(vector[:3]), abs=1e-6)


@pytest.mark.parametrize("pooling", Pooling)
def test_the_pooling_can_be_chosen_and_is_told(served: Served, pooling: Pooling) -> None:
    response = embed(served, "hello", pooling=pooling.value)
    assert response.json()["pooling"] == pooling.value
    assert vectors(response)[0] == pytest.approx(unit(list(embed_bytes(b"hello", pooling))))


def test_openai_python_gets_floats(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as client:
        answer = client.embeddings.create(model="echo", input=["hello", "world"])
    assert [each.embedding for each in answer.data] == vectors(embed(served, ["hello", "world"]))
    assert answer.usage.total_tokens == 10


BAD: list[tuple[dict[str, object], str, str]] = [
    ({}, "input", "input is required."),
    ({"input": ""}, "input", "input is empty: there is nothing to embed."),
    ({"input": ["a", ""]}, "input[1]", "input[1] is empty: there is nothing to embed."),
    ({"input": [[1], []]}, "input[1]", "input[1] is empty: there is nothing to embed."),
    ({"input": []}, "input", "input must have at least 1 item, got an empty list."),
    ({"input": [1, "a"]}, "input", "input can't hold tokens beside texts or lists: it is one or the other."),
    ({"input": [1, [2]]}, "input", "input can't hold tokens beside texts or lists: it is one or the other."),
    ({"input": ["a"] * 2049}, "input", "input can have at most 2048 texts, got 2049."),
    ({"input": [1, 999]}, "input", "input[1] must be a token from 0 to 256, got 999."),
    ({"input": [[1], [-1]]}, "input[1]", "input[1][0] must be a token from 0 to 256, got -1."),
    ({"input": "a", "dimensions": 17}, "dimensions", "dimensions must be at most 16 for this model, got 17."),
    ({"input": "a", "dimensions": 0}, "dimensions", "dimensions must be at least 1, got 0."),
    ({"input": "a", "encoding_format": "hex"}, "encoding_format", ""),
    ({"input": "a", "pooling": "rank"}, "pooling", ""),
    ({"input": {"text": "a"}}, "input", ""),
]


@pytest.mark.parametrize(("body", "param", "message"), BAD, ids=[str(body)[:40] for body, _, _ in BAD])
def test_a_bad_field_is_named(served: Served, body: dict[str, object], param: str, message: str) -> None:
    response = served.client.post("/v1/embeddings", json=body)
    error = ErrorReply.model_validate(response.json()).error
    assert (response.status_code, error.param) == (400, param)
    assert message in error.message


def test_an_input_longer_than_the_context_is_refused_by_name_and_with_counts(served: Served) -> None:
    response = embed(served, ["a", "x" * 4097])
    error = ErrorReply.model_validate(response.json()).error
    assert (response.status_code, error.code, error.param) == (400, "context_length_exceeded", "input[1]")
    assert "4097" in error.message
    assert "4096" in error.message
    assert vectors(embed(served, "x" * 4096)), "as long as the context is fine"


def test_embeddings_are_counted(served: Served) -> None:
    def count(name: str) -> float:
        return parse(served.client.get("/metrics").text)[name]

    before = count("traypoint_embedded_tokens_total")
    embed(served, ["ab", "cde"])
    wait_until(lambda: count("traypoint_embedded_tokens_total") == before + 5, "five more tokens are counted")
    assert count('traypoint_requests_total{outcome="embedded"}') >= 1


def test_streams_and_embeddings_run_side_by_side() -> None:
    with serving(load_fake("echo,step_ms=1")) as served:
        answers: list[httpx.Response] = []
        threads = [
            threading.Thread(target=lambda: answers.append(served.complete("y" * 300))),
            *(threading.Thread(target=lambda: answers.append(embed(served, ["z" * 900] * 3))) for _ in range(3)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 4


SLOW = "echo,step_ms=20"
LONG = ["a"] * 2000
"""Forty seconds with the slow one."""


def test_a_deadline_ends_an_embedding() -> None:
    with serving(load_fake(SLOW)) as served:
        response = embed(served, LONG, timeout=0.2)
        assert (response.status_code, response.json()["error"]["code"]) == (408, "deadline_exceeded")
        assert "of 2000 inputs" in response.json()["error"]["message"]
        assert vectors(embed(served, "a")), "the line is free for the next"


def test_a_small_request_does_not_wait_for_a_large_one() -> None:
    with serving(load_fake(SLOW)) as served:
        large = threading.Thread(target=lambda: embed(served, LONG))
        large.start()
        wait_until(lambda: served.engine.health().active == 1, "the large one is computed")
        assert vectors(embed(served, ["a", "b"]))
        wait_until(lambda: served.engine.health().active == 1, "the large one alone is still computed")
        served.engine.request_stop()
        large.join()


def test_a_full_queue_refuses_embeddings_too() -> None:
    with serving(load_fake("echo"), dataclasses.replace(FAKE, max_queue=0)) as served:
        response = embed(served, "a")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "overloaded")


def test_a_client_that_hangs_up_leaves_the_line() -> None:
    with serving(load_fake(SLOW)) as served:
        with pytest.raises(httpx.ReadTimeout):
            served.client.post("/v1/embeddings", json={"input": LONG}, timeout=1.5)
        wait_until(lambda: served.engine.health().active == 0, "nothing is computed any more")
        outcome = 'traypoint_requests_total{outcome="cancelled"}'
        wait_until(lambda: parse(served.client.get("/metrics").text)[outcome] == 1, "its end is counted")


def test_a_stopping_engine_tells_those_who_wait() -> None:
    with serving(load_fake(SLOW)) as served:
        answers: list[httpx.Response] = []
        waiting = threading.Thread(target=lambda: answers.append(embed(served, LONG)))
        waiting.start()
        wait_until(lambda: served.engine.health().active == 1, "it is computed")
        served.engine.request_stop()
        waiting.join()
        assert answers[0].status_code == 503


def test_a_model_that_only_embeds_refuses_to_write() -> None:
    with serving(load_fake("echo,encoder=1")) as served:
        assert vectors(embed(served, "hello"))
        for response in (served.chat(), served.complete("a")):
            error = ErrorReply.model_validate(response.json()).error
            assert (response.status_code, error.param) == (400, "model")
            assert "/v1/embeddings" in error.message


def test_a_strict_endpoint_embeds_by_its_own_name_only() -> None:
    with serving(settings=dataclasses.replace(FAKE, strict_model=True)) as served:
        assert embed(served, "a", model="echo").status_code == 200
        assert embed(served, "a", model="text-embedding-3-small").status_code == 404
