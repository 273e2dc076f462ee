"""The starter model at temperature 1 under JSON Schemas: what it ends by itself is valid, every time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from endpoint.contract import ModelRef
from endpoint.providers.base import Failed, Job, Provider, Sampling
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider
from endpoint.text.constraints.grammar_constraint import Grammar
from endpoint.text.constraints.schemas import prepare, to_grammar
from endpoint.text.constraints.vocabulary import Vocabulary, make_vocabulary
from tests.endpoint.schemas import BY_HAND, Schema, draw_schemas

MOST_TOKENS = 160
PROMPT = "<|im_start|>user\nWrite one JSON value, short, and nothing else.<|im_end|>\n<|im_start|>assistant\n"
ROWS = 8


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    options = LoadOptions(n_ctx=2048, parallel=ROWS, threads=1)
    loaded = load_provider(ModelRef("llamacpp", "starter"), options, lambda _share: None)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def vocabulary(provider: Provider) -> Vocabulary:
    return make_vocabulary(provider.tokenizer, provider.info.n_vocab, provider.info.eos_text)


def generate(provider: Provider, vocabulary: Vocabulary, schemas: list[Schema]) -> list[str | None]:
    """An answer for each; None where the limit cut it off."""
    prompt = tuple(provider.tokenizer.encode(PROMPT, add_bos=True))
    waiting = [
        Job(
            1 + number,
            prompt,
            MOST_TOKENS,
            Sampling(temperature=1.0, seed=number),
            constraint=Grammar(to_grammar(prepare(schema)), vocabulary).make_constraint(),
        )
        for number, schema in enumerate(schemas)
    ]
    told: dict[int, list[int]] = {job.id: [] for job in waiting}
    answers: dict[int, str | None] = {}
    while len(answers) < len(schemas):
        while waiting and provider.capacity().rows:
            provider.submit(waiting.pop(0))
        for event in provider.step():
            assert not isinstance(event, Failed), f"{event.message} {schemas[event.job_id - 1]}"
            if event.job_id in answers:
                continue
            told[event.job_id].append(event.token)
            if provider.tokenizer.is_end(event.token):
                text = b"".join(map(provider.tokenizer.piece, told[event.job_id]))
                answers[event.job_id] = text.decode()
            elif len(told[event.job_id]) == MOST_TOKENS:
                answers[event.job_id] = None
            if event.job_id in answers:
                provider.cancel(event.job_id)
    return [answers[number] for number in sorted(answers)]


def check(schemas: list[Schema], answers: list[str | None]) -> int:
    """How many ended by themselves; each of them must fit."""
    wrong = []
    for schema, answer in zip(schemas, answers, strict=True):
        if answer is not None:
            validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            wrong += [
                f"{answer} under {schema}: {error.message}" for error in validator.iter_errors(json.loads(answer))
            ]
    assert not wrong, "\n".join(wrong)
    return sum(answer is not None for answer in answers)


def run(provider: Provider, vocabulary: Vocabulary, schemas: list[Schema]) -> None:
    ended = check(schemas, generate(provider, vocabulary, schemas))
    print(f"{ended} of {len(schemas)} ended within {MOST_TOKENS} tokens, all valid")
    assert ended > len(schemas) // 2


def test_answers_fit_their_schemas(provider: Provider, vocabulary: Vocabulary) -> None:
    run(provider, vocabulary, list(BY_HAND[::4]))


@pytest.mark.slow_suite
def test_answers_fit_300_schemas_every_time(provider: Provider, vocabulary: Vocabulary) -> None:
    run(provider, vocabulary, list(draw_schemas(300)))
