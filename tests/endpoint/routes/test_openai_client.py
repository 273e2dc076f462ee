"""The real openai-python against the endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.endpoint.serving import Served


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=20) as made:
        yield made


def test_a_whole_answer_has_text_usage_and_the_reason(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "hello"}])
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == ("hello", "stop")
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == 5
    assert reply.usage.prompt_tokens_details is not None


def test_a_limit_ends_it_with_length(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "hello"}], max_tokens=3)
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == ("hel", "length")


def test_a_stream_has_text_stop_strings_and_usage(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="any",
            messages=[{"role": "user", "content": "one, two, three"}],
            stop=["three"],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "one, two, "
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == 15


def test_text_completions_and_models(client: openai.OpenAI) -> None:
    assert client.completions.create(model="any", prompt="abc").choices[0].text == "abc"
    assert [model.id for model in client.models.list()] == ["echo"]
    assert client.models.retrieve("echo").owned_by == "fake"


def test_errors_arrive_as_its_own_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="temperature must be between") as caught:
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": "x"}], temperature=99)
    assert caught.value.param == "temperature"
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": "x" * 5000}])
    assert caught.value.code == "context_length_exceeded"
    with pytest.raises(openai.NotFoundError):
        client.moderations.create(model="any", input="x")
