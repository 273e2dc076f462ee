"""The endpoint as a process with a real MLX model, through openai-python and raw sockets: the same promises as with
llama.cpp, and the requests that break mlx_lm.server."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.endpoint.process import DEADLINE_S, Live, live
from tests.endpoint.scraping import parse
from tests.endpoint.serving import wait_until
from tests.tiny.mlx_models import locate_smollm2

PARIS: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is the capital of France?"}]
STORY = [{"role": "user", "content": "Tell me a long story about the sea."}]
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "country": {"enum": ["France", "Spain"]}},
    "required": ["city", "country"],
    "additionalProperties": False,
}
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 12}},
            "required": ["city"],
        },
    },
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    model = str(locate_smollm2())
    with live(
        tmp_path_factory.mktemp("config"), "--provider", "mlx", "--model", model, "--ctx-size", "4096"
    ) as running:
        running.wait_for_status("healthy")
        yield running


@pytest.fixture(scope="module")
def client(endpoint: Live) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"http://127.0.0.1:{endpoint.port}/v1", api_key="none", max_retries=0, timeout=DEADLINE_S
    )


def scrape(endpoint: Live) -> dict[str, float]:
    url = f"http://127.0.0.1:{endpoint.port}/metrics"
    return parse(httpx.get(url, timeout=DEADLINE_S, verify=False).text)  # no TLS: reading certificates takes 50 ms


def ask(client: openai.OpenAI, **fields: object) -> openai.types.chat.ChatCompletion:
    body = {"model": "mlx", "messages": PARIS, "max_tokens": 24, "temperature": 0, **fields}
    answer: openai.types.chat.ChatCompletion = client.chat.completions.create(**body)  # type: ignore[call-overload]  # the tests' own fields
    return answer


@pytest.fixture(scope="module")
def whole(client: openai.OpenAI) -> openai.types.chat.ChatCompletion:
    """The plain question's answer."""
    return ask(client)


def test_it_knows_the_capital_of_france_and_ends_by_itself(whole: openai.types.chat.ChatCompletion) -> None:
    assert "Paris" in (whole.choices[0].message.content or "")
    assert whole.choices[0].finish_reason == "stop"


def test_a_stream_joins_to_what_the_whole_answer_says(
    client: openai.OpenAI, whole: openai.types.chat.ChatCompletion
) -> None:
    chunks = list(
        client.chat.completions.create(
            model="mlx",
            messages=PARIS,
            max_tokens=24,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == (
        whole.choices[0].message.content
    )
    assert len(chunks) > 5


def test_a_prompt_that_is_in_the_cache_as_a_whole_is_answered_alike(
    client: openai.OpenAI, whole: openai.types.chat.ChatCompletion
) -> None:
    again = ask(client)
    assert again.choices[0].message.content == whole.choices[0].message.content
    assert again.usage is not None
    assert again.usage.prompt_tokens_details is not None
    assert again.usage.prompt_tokens_details.cached_tokens == again.usage.prompt_tokens - 1


def test_a_stop_string_inside_words_is_cut_off(client: openai.OpenAI, whole: openai.types.chat.ChatCompletion) -> None:
    text = whole.choices[0].message.content or ""
    stop = text[9:15]
    cut = ask(client, stop=stop)
    assert cut.choices[0].message.content == text[: text.index(stop)]
    assert cut.choices[0].finish_reason == "stop"


def test_several_answers_come_to_one_request(client: openai.OpenAI) -> None:
    answer = ask(client, n=3, temperature=1.0, seed=3, max_tokens=8)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) > 1


def test_the_same_seed_alone_gives_the_same_text(client: openai.OpenAI) -> None:
    texts = {ask(client, temperature=1.0, seed=7, max_tokens=10).choices[0].message.content for _ in range(2)}
    assert len(texts) == 1


def test_an_answer_obeys_a_schema(client: openai.OpenAI) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}}
    answer = ask(client, response_format=form, max_tokens=60)
    told = json.loads(answer.choices[0].message.content or "")
    assert set(told) == {"city", "country"}
    assert told["country"] in {"France", "Spain"}


def test_a_demanded_tool_is_called(client: openai.OpenAI) -> None:
    choice = ask(client, tools=[WEATHER], tool_choice="required", parallel_tool_calls=False, max_tokens=60).choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert set(json.loads(call.function.arguments)) == {"city"}


def test_log_probabilities_belong_to_the_tokens(client: openai.OpenAI) -> None:
    choice = ask(client, logprobs=True, top_logprobs=3, max_tokens=5).choices[0]
    told = (choice.logprobs.content if choice.logprobs else None) or []
    assert "".join(each.token for each in told) == choice.message.content
    assert all(each.logprob == each.top_logprobs[0].logprob <= 0 for each in told), "greedy takes the likeliest"


def test_a_text_has_an_embedding(client: openai.OpenAI) -> None:
    told = client.embeddings.create(model="mlx", input=["The sea is calm.", "The sea is calm."])
    assert len(told.data[0].embedding) == 576
    assert told.data[0].embedding == told.data[1].embedding


@pytest.mark.parametrize("stream", [True, False])
def test_a_hang_up_ends_the_generation(endpoint: Live, stream: bool) -> None:
    before = scrape(endpoint)['traypoint_requests_total{outcome="cancelled"}']
    body = json.dumps({"messages": STORY, "max_tokens": 2000, "stream": stream}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:{endpoint.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=DEADLINE_S) as connection:
        connection.sendall(head.encode() + body)
        wait_until(lambda: scrape(endpoint)["traypoint_requests_active"] == 1, "the generation runs")
    wait_until(lambda: scrape(endpoint)["traypoint_requests_active"] == 0, "the generation ends")
    assert scrape(endpoint)['traypoint_requests_total{outcome="cancelled"}'] == before + 1


def test_a_prompt_that_does_not_fit_is_refused_with_both_counts(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, messages=[{"role": "user", "content": "word " * 10_000}])
    assert refused.value.code == "context_length_exceeded"
    assert "4096" in str(refused.value)


def test_the_model_says_what_it_is(endpoint: Live) -> None:
    body = httpx.get(f"http://127.0.0.1:{endpoint.port}/v1/models", timeout=DEADLINE_S).json()
    assert body["data"][0]["owned_by"] == "mlx"
    assert scrape(endpoint)["traypoint_memory_bytes"] > 500_000_000


def test_it_ends_with_exit_code_zero_in_the_middle_of_an_answer(endpoint: Live) -> None:
    """The last test of this file: nothing can be asked after it."""
    body = json.dumps({"messages": STORY, "max_tokens": 500, "stream": True}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:{endpoint.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=DEADLINE_S) as connection:
        connection.sendall(head.encode() + body)
        wait_until(lambda: scrape(endpoint)["traypoint_requests_active"] == 1, "the generation runs")
        endpoint.process.send_signal(signal.SIGTERM)
        assert endpoint.process.wait(DEADLINE_S) == 0
