"""What clients ask of the starter model beyond a plain answer: log-probabilities, choices, bias, a beginning."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from endpoint.providers.base import Provider
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.serving import Served, serving, wait_until

CAPITALS = "The capital of France is Paris. The capital of Italy is Rome. The capital of Spain is"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    def open_starter(progress: Progress) -> Provider:
        return load("starter", LoadOptions(n_ctx=2048, parallel=4, threads=1), progress)

    with serving(open_starter) as running:
        yield running


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=60) as made:
        yield made


def test_a_stream_tells_the_log_probabilities_of_the_whole_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(
        model="any",
        messages=[{"role": "user", "content": "Say hello 👋 twice."}],
        max_tokens=24,
        temperature=0,
        logprobs=True,
        top_logprobs=2,
    )
    chunks = client.chat.completions.create(
        model="any",
        messages=[{"role": "user", "content": "Say hello 👋 twice."}],
        max_tokens=24,
        temperature=0,
        logprobs=True,
        top_logprobs=2,
        stream=True,
    )
    logprobs = whole.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    told = [told for chunk in chunks if (told := chunk.choices[0].logprobs) is not None]
    assert [each.token for part in told for each in part.content or ()] == [each.token for each in logprobs.content]
    text = b"".join(bytes(each.bytes or ()) for each in logprobs.content).decode("utf-8", "ignore")
    assert text.startswith(whole.choices[0].message.content or "?")
    assert whole.usage is not None
    ended = whole.choices[0].finish_reason == "stop"
    assert len(logprobs.content) == whole.usage.completion_tokens - ended
    assert all(each.top_logprobs[0].token == each.token for each in logprobs.content)  # it is greedy


def test_a_harness_can_score_an_ending(served: Served, client: openai.OpenAI) -> None:
    """As lm-eval's loglikelihood asks and reads."""
    tokenizer = served.engine.model().tokenizer
    begun = tokenizer.encode(CAPITALS, add_bos=True)
    scores = []
    for ending in (" Madrid", " Berlin"):
        tokens = [*begun, *tokenizer.encode(ending, add_bos=False)]
        reply = client.completions.create(
            model="any", prompt=tokens, max_tokens=1, temperature=0, logprobs=1, echo=True, seed=1234
        )
        lists = reply.choices[0].logprobs
        assert lists is not None
        assert lists.token_logprobs is not None
        assert len(lists.token_logprobs) == len(tokens) + 1
        scores.append(sum(lists.token_logprobs[len(begun) : -1]))
    assert scores[0] > scores[1] + 1


def test_choices_are_forks_of_one_prompt_and_differ_by_seed(served: Served) -> None:
    def ask() -> list[str]:
        body = served.chat("Tell me a story of the sea.", n=3, seed=7, max_tokens=12).json()
        return [choice["message"]["content"] for choice in body["choices"]]

    prompt = "Tell me a long story. " * 40
    before = served.engine.metrics().provider.prefilled_tokens
    usage = served.chat(prompt, n=3, max_tokens=2).json()["usage"]
    wait_until(lambda: served.engine.health().active == 0, "all have ended")
    assert served.engine.metrics().provider.prefilled_tokens - before < 1.5 * usage["prompt_tokens"]
    assert len(set(ask())) > 1


def test_equal_choices_at_temperature_zero_are_fine(served: Served) -> None:
    body = served.complete(CAPITALS, n=2, max_tokens=2, temperature=0).json()
    assert [choice["text"].split(".")[0] for choice in body["choices"]] == [" Madrid", " Madrid"]


def test_a_forced_and_a_forbidden_token(served: Served) -> None:
    tokenizer = served.engine.model().tokenizer
    (madrid,), (rome,) = (tokenizer.encode(word, add_bos=False) for word in (" Madrid", " Rome"))
    bias = {str(madrid): -100, str(rome): 100}
    body = served.complete(CAPITALS, max_tokens=1, temperature=0, logit_bias=bias).json()
    assert body["choices"][0]["text"] == " Rome"
    forbidden = served.complete(CAPITALS, max_tokens=4, temperature=0, logit_bias={str(madrid): -100}).json()
    assert "Madrid" not in forbidden["choices"][0]["text"]


def test_an_answer_goes_on_with_what_the_client_began(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="any",
        messages=[
            {"role": "user", "content": "What is the capital of France?"},
            {"role": "assistant", "content": "The capital of France is the city of"},
        ],
        max_tokens=3,
        temperature=0,
        extra_body={"continue_final_message": True, "add_generation_prompt": False},
    )
    assert (reply.choices[0].message.content or "").startswith(" Paris")
