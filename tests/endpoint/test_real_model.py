"""The whole endpoint as a process with the real starter model, through openai-python: what a user does first."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.endpoint.process import DEADLINE_S, Live, live
from tests.endpoint.scraping import parse
from tests.endpoint.serving import wait_until

SKY: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Why is the sky blue?"}]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("config"), "--model", "starter", "--threads", "1") as running:
        running.wait_for_status("healthy")
        yield running


@pytest.fixture(scope="module")
def client(endpoint: Live) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"http://127.0.0.1:{endpoint.port}/v1", api_key="none", max_retries=0, timeout=DEADLINE_S
    )


def test_an_answer_in_one_piece_has_text_usage_and_a_reason(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="starter", messages=SKY, max_tokens=12, temperature=0)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 12


def test_an_answer_that_ends_by_itself_says_stop(client: openai.OpenAI) -> None:
    prompt = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    answer = client.completions.create(model="starter", prompt=prompt, max_tokens=200, temperature=0)
    assert "Paris" in answer.choices[0].text
    assert answer.choices[0].finish_reason == "stop"


def test_a_stream_joins_to_what_the_whole_answer_says(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="starter", messages=SKY, max_tokens=20, temperature=0)
    chunks = list(
        client.chat.completions.create(
            model="starter",
            messages=SKY,
            max_tokens=20,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    joined = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert joined == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


def test_the_same_seed_alone_gives_the_same_text(client: openai.OpenAI) -> None:
    texts = {
        client.chat.completions.create(model="starter", messages=SKY, max_tokens=16, seed=7).choices[0].message.content
        for _ in range(3)
    }
    assert len(texts) == 1


def test_a_stop_string_is_cut_off_across_tokens(client: openai.OpenAI) -> None:
    plain = client.chat.completions.create(model="starter", messages=SKY, max_tokens=24, temperature=0)
    text = plain.choices[0].message.content or ""
    stop = text[9:15]  # begins and ends inside words, wherever the tokens end
    cut = client.chat.completions.create(model="starter", messages=SKY, max_tokens=24, temperature=0, stop=stop)
    assert cut.choices[0].message.content == text[: text.index(stop)]
    assert cut.choices[0].finish_reason == "stop"


def test_four_clients_are_answered_together_not_in_turn(client: openai.OpenAI) -> None:
    order: list[int] = []
    together = threading.Barrier(4)

    def ask(number: int) -> None:
        together.wait(DEADLINE_S)
        stream = client.chat.completions.create(model="starter", messages=SKY, max_tokens=40, seed=number, stream=True)
        order.extend(number for chunk in stream if chunk.choices and chunk.choices[0].delta.content)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    starts = [order.index(number) for number in range(4)]
    ends = [len(order) - 1 - order[::-1].index(number) for number in range(4)]
    assert max(starts) < min(ends), "the first answer ended before the last one began"


def test_the_metrics_count_what_the_answers_say(client: openai.OpenAI, endpoint: Live) -> None:
    def scrape() -> dict[str, float]:
        url = f"http://127.0.0.1:{endpoint.port}/metrics"
        return parse(httpx.get(url, timeout=DEADLINE_S, verify=False).text)  # no TLS: reading certificates takes 50 ms

    before = scrape()
    usage = client.chat.completions.create(model="starter", messages=SKY, max_tokens=8, temperature=0).usage
    assert usage is not None
    wait_until(lambda: scrape()["traypoint_requests_active"] == 0, "the row is free")
    after = scrape()
    prompt = ("traypoint_prompt_tokens_computed_total", "traypoint_prompt_tokens_cached_total")
    assert sum(after[name] - before[name] for name in prompt) == usage.prompt_tokens
    assert after["traypoint_generated_tokens_total"] - before["traypoint_generated_tokens_total"] == 8
    assert after["traypoint_threads"] >= 1
    assert after["traypoint_kv_cells_total"] == 8192


def test_a_response_goes_on_from_the_one_before_it_and_reuses_its_prompt(client: openai.OpenAI) -> None:
    first = client.responses.create(model="starter", input="Why is the sky blue?", max_output_tokens=12, temperature=0)
    assert (first.status, bool(first.output_text)) == ("incomplete", True)
    second = list(
        client.responses.create(
            model="starter",
            input="Say it in one word.",
            previous_response_id=first.id,
            max_output_tokens=8,
            temperature=0,
            stream=True,
        )
    )
    assert "".join(event.delta for event in second if event.type == "response.output_text.delta")
    last = second[-1]
    assert last.type in {"response.completed", "response.incomplete"}
    assert last.response.usage is not None
    assert last.response.usage.input_tokens_details.cached_tokens > 0


def test_a_prompt_that_does_not_fit_is_refused_with_both_counts(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="starter", messages=[{"role": "user", "content": "word " * 20_000}])
    assert refused.value.code == "context_length_exceeded"
    assert "8192" in str(refused.value)
    assert client.chat.completions.create(model="starter", messages=SKY, max_tokens=2).choices


WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def earlier(city: str) -> list[ChatCompletionMessageParam]:
    """What was asked, called, told and answered about a city."""
    function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
    return [
        {"role": "user", "content": f"What is the weather in {city}?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": f"call_{city}", "type": "function", "function": function}],  # type: ignore[typeddict-item]  # it is one
        },
        {"role": "tool", "tool_call_id": f"call_{city}", "content": "sunny"},
        {"role": "assistant", "content": f"It is sunny in {city}."},
    ]


def test_a_tool_is_called_where_the_conversation_shows_how(client: openai.OpenAI) -> None:
    question: ChatCompletionMessageParam = {"role": "user", "content": "What is the weather in Rome?"}
    messages = [*earlier("Paris"), *earlier("Berlin"), question]
    answer = client.chat.completions.create(
        model="starter", messages=messages, tools=[WEATHER], max_tokens=60, temperature=0
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    call = (choice.message.tool_calls or [])[0]
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Rome"})
