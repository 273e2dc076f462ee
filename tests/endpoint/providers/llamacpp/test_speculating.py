"""Drafts on the real model: faster, and the same answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Finish, FinishReason
from endpoint.providers.base import Provider, Sampling
from endpoint.providers.llamacpp import provider as provider_module
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.pace import Spent
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions, Progress, Speculation
from tests.bench.prompts import edit, story
from tests.endpoint.engine.rig import Answer, read, running
from tests.endpoint.providers.driving import GREEDY, finish, make_job, run

TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
SENTENCE = "The lighthouse keeper counted the ships that passed, and wrote each one down in a large blue book. "
SONG = SENTENCE * 5 + "The lighthouse"
PROMPTS = [
    (edit(), 60),
    (story("a"), 40),
    ('[{"name": "Alice", "age": 30, "city": "Paris"}, {"name": "Bob", "age": 25, "city": "Rome"}, {"name":', 50),
    (TURN.format("Why is the sky blue?"), 30),
    (TURN.format("Repeat this, word for word: " + SENTENCE), 40),
]
FEW = [*(pytest.param(*each, marks=pytest.mark.slow_suite) for each in PROMPTS[:2]), *PROMPTS[2:]]
"""The longest are for the slow suite."""
SAMPLINGS = [
    (TURN.format("Repeat this, word for word: " + SENTENCE), Sampling(temperature=0.7, top_p=0.9, seed=3)),
    (SONG, Sampling(temperature=0, frequency_penalty=0.4, presence_penalty=0.3)),
    (SONG, Sampling(temperature=0, repeat_penalty=1.05)),
]


def open_starter(speculation: Speculation) -> LlamaCppProvider:
    options = LoadOptions(n_ctx=2048, parallel=4, threads=1, speculation=speculation)
    return load("starter", options, lambda _share: None)


@pytest.fixture(scope="module")
def off() -> Iterator[LlamaCppProvider]:
    provider = open_starter(Speculation.OFF)
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def auto() -> Iterator[LlamaCppProvider]:
    """May not draft at all where the library's batches round differently: then answers are trivially the same."""
    provider = open_starter(Speculation.AUTO)
    yield provider
    provider.close()


class SteadyWatch:
    """Finds that every step takes as long as any other: a draft costs nothing, so there always is one, on a machine
    that is busy with other things as well."""

    def read(self) -> Spent:
        return Spent(wall_s=0.01, cpu_s=0.01)


@pytest.fixture(scope="module")
def on() -> Iterator[LlamaCppProvider]:
    """Drafts everywhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_module, "Stopwatch", SteadyWatch)
        provider = open_starter(Speculation.ON)
        run(provider, make_job(provider, SONG, 12))  # learns what steps cost
        yield provider
        provider.close()


@pytest.mark.parametrize(("prompt", "tokens"), FEW, ids=["edit", "story", "json", "question", "repeat"])
def test_greedy_answers_are_the_same_with_and_without(
    off: LlamaCppProvider, auto: LlamaCppProvider, prompt: str, tokens: int
) -> None:
    assert run(auto, make_job(auto, prompt, tokens)) == run(off, make_job(off, prompt, tokens))


@pytest.mark.parametrize(("prompt", "sampling"), SAMPLINGS, ids=["seed", "counted", "repeated"])
def test_seeds_and_penalties_work_as_without(
    off: LlamaCppProvider, auto: LlamaCppProvider, prompt: str, sampling: Sampling
) -> None:
    job = make_job(auto, prompt, 30, sampling)
    assert run(auto, job) == run(off, make_job(off, prompt, 30, sampling))


def test_steps_are_saved_and_counted(on: LlamaCppProvider) -> None:
    before = on.stats()
    job = make_job(on, SONG, 60)
    steps: list[int] = []
    on.submit(job)
    assert len(finish(on, [job], steps.append)[job.id]) == 60
    after = on.stats()
    accepted = after.accepted_tokens - before.accepted_tokens
    assert 20 <= accepted <= after.drafted_tokens - before.drafted_tokens
    assert len(steps) <= 60 - accepted + 10  # a few for the prompt
    assert on.capacity().cells == on.info.n_ctx


@pytest.mark.parametrize("limit", [1, 2, 3, 17, 40])
def test_a_row_never_draws_more_than_its_limit(on: LlamaCppProvider, limit: int) -> None:
    job = make_job(on, SONG, limit)
    on.submit(job)
    drawn = 0
    for _ in range(80):
        drawn += len(on.step())
        if drawn >= limit:
            break
    on.cancel(job.id)
    assert drawn == limit


def test_cells_of_rejected_drafts_are_freed_and_a_cancel_in_the_middle_frees_the_rest(on: LlamaCppProvider) -> None:
    job = make_job(on, edit(), 200)
    on.submit(job)
    drawn = 0
    while drawn < 60:
        drawn += len(on.step())
        assert on.stats().cells_used <= len(job.tokens) + drawn
    on.cancel(job.id)
    assert on.capacity().cells == on.info.n_ctx


def test_two_rows_draft_side_by_side(on: LlamaCppProvider) -> None:
    before = on.stats().accepted_tokens
    jobs = [make_job(on, SONG, 50), make_job(on, SONG.replace("lighthouse", "bridge"), 50)]
    for job in jobs:
        on.submit(job)
    tokens = finish(on, jobs)
    words = [b"".join(map(on.tokenizer.piece, tokens[job.id])) for job in jobs]
    assert b"The lighthouse keeper" in words[0]
    assert b"The bridge keeper" in words[1]
    assert on.stats().accepted_tokens - before > 30
    assert on.capacity().cells == on.info.n_ctx


def answer(speculation: Speculation, requests: Sequence[tuple[str, int, tuple[str, ...]]]) -> list[Answer]:
    """One engine, one request after the other: prompt, limit, stop strings."""

    def load_starter(_progress: Progress) -> Provider:
        return open_starter(speculation)

    async def scenario() -> list[Answer]:
        async with running(load=load_starter) as engine:
            encode = engine.model().tokenizer.encode
            return [
                await read(engine.submit(GenerationRequest(tuple(encode(prompt, add_bos=True)), limit, GREEDY, stop)))
                for prompt, limit, stop in requests
            ]

    return asyncio.run(scenario())


def test_stops_and_limits_inside_a_draft_end_the_answer_there() -> None:
    free, limited, stopped = answer(Speculation.ON, [(SONG, 60, ()), (SONG, 33, ()), (SONG, 60, ("large",))])
    for end, reason in ((limited, FinishReason.LENGTH), (stopped, FinishReason.STOP)):
        assert isinstance(end.end, Finish)
        assert end.end.reason is reason
        assert free.text.startswith(end.text)
    assert isinstance(limited.end, Finish)
    assert limited.end.usage.completion_tokens == 33
    assert stopped.text == SENTENCE.removeprefix("The lighthouse").partition("large")[0]


def test_what_is_held_after_drafts_continues_as_if_it_had_been_computed() -> None:
    first = TURN.format("Repeat this, word for word: " + SENTENCE)
    second = first + SENTENCE + "<|im_end|>\n" + TURN.format("Once more, please.")
    requests = [(first, 30, ()), (second, 30, ()), (second, 30, ())]
    warm = answer(Speculation.AUTO, requests)
    cold = [answer(Speculation.OFF, [request])[0] for request in requests[:2]]
    assert isinstance(warm[2].end, Finish)
    assert warm[2].end.usage.cached_tokens > 0
    assert [one.text for one in warm] == [cold[0].text, cold[1].text, cold[1].text]
