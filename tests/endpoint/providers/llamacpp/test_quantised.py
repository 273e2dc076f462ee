"""With quantised keys and values, too, the cache changes nothing: what is held, forked, saved or parked goes on as if
it had been computed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.contract import KV_BLOCK, KvType
from endpoint.providers.base import Job, MemoryKind, Reuse
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions, Speculation
from tests.endpoint.providers.driving import finish, hold, make_job, run, share
from tests.tiny.models import write_tiny

NOTES = "".join(f"Note {number}: {number * number} ships. " for number in range(14))
QUESTION = "How many ships are there, all in all?"
SONG = "The lighthouse keeper counted the ships that passed, and wrote each one down. " * 4 + "The lighthouse"
ANSWER = 20
MODELS = {
    "starter-q8_0": (MemoryKind.ATTENTION, KvType.Q8_0),
    "starter-q4_0": (MemoryKind.ATTENTION, KvType.Q4_0),
    "window-q8_0": (MemoryKind.SLIDING_WINDOW, KvType.Q8_0),
    "hybrid-q8_0": (MemoryKind.HYBRID, KvType.Q8_0),
}


def open_starter(kv_type: KvType, speculation: Speculation = Speculation.AUTO) -> LlamaCppProvider:
    options = LoadOptions(n_ctx=1024, parallel=4, threads=1, kv_type=kv_type, speculation=speculation)
    return load("starter", options, lambda _share: None)


SLOW = ("starter-q4_0",)
_PARAMETERS = [pytest.param(name, marks=pytest.mark.slow_suite) if name in SLOW else name for name in MODELS]


@pytest.fixture(scope="module", params=_PARAMETERS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppProvider]:
    kind, kv_type = MODELS[request.param]
    model = "starter"
    if kind is not MemoryKind.ATTENTION:
        path: Path = tmp_path_factory.mktemp("tiny") / "model.gguf"
        write_tiny(kind, path, head=KV_BLOCK)
        model = str(path)
    loaded = load(model, LoadOptions(n_ctx=1024, parallel=4, threads=1, kv_type=kv_type), lambda _share: None)
    yield loaded
    loaded.close()


def make(provider: LlamaCppProvider, text: str) -> Job:
    """It asks for checkpoints where its state can't be cut."""
    job = make_job(provider, text, ANSWER)
    notes = len(provider.tokenizer.encode(NOTES, add_bos=True))
    return job if provider.caps.trimmable else replace(job, checkpoints=(notes // 2, notes - 3, len(job.tokens) - 1))


def find_depths(provider: LlamaCppProvider, checkpoints: tuple[int, ...]) -> tuple[int, ...]:
    notes = len(provider.tokenizer.encode(NOTES, add_bos=True))
    return (notes // 2, notes - 3) if provider.caps.trimmable else tuple(each for each in checkpoints if each < notes)


def test_a_held_prefix_is_taken_up_anywhere_also_after_it_was_saved(provider: LlamaCppProvider) -> None:
    cold = run(provider, make_job(provider, NOTES + QUESTION, ANSWER))
    prefix = hold(provider, make(provider, NOTES + "And who counted them?"))
    state = provider.save(prefix)
    restored = provider.restore(state)
    assert restored is not None
    for held in (prefix, restored):
        depths = find_depths(provider, held.checkpoints)
        assert len(depths) == 2
        for depth in depths:
            job = make(provider, NOTES + QUESTION)
            assert provider.submit(job, Reuse(held, depth)) == depth
            assert finish(provider, [job])[job.id] == cold
        provider.release(held)
    assert provider.held_bytes() == 0


def test_a_running_job_is_forked(provider: LlamaCppProvider) -> None:
    cold = run(provider, make_job(provider, NOTES + QUESTION, ANSWER))
    source = make(provider, NOTES + "And who counted them?")
    provider.submit(source)
    while provider.computed(source.id) < len(source.tokens):
        provider.step()
    depth = find_depths(provider, provider.checkpoints(source.id))[-1]
    fork = make(provider, NOTES + QUESTION)
    share(provider, fork, source, depth)
    provider.cancel(source.id)
    assert finish(provider, [fork])[fork.id] == cold


def test_a_parked_row_says_what_it_would_have_said(provider: LlamaCppProvider) -> None:
    cold = run(provider, make_job(provider, NOTES + QUESTION, ANSWER))
    job = make(provider, NOTES + QUESTION)
    provider.submit(job)
    prefilled = provider.stats().prefilled_tokens

    def disturb(step: int) -> None:
        if step in {1, 8, 9}:
            provider._parking.park(provider._rows[job.id])

    assert finish(provider, [job], disturb)[job.id] == cold
    assert provider.stats().prefilled_tokens - prefilled == len(job.tokens), "it was prefilled again"


def test_drafts_change_no_answer() -> None:
    answers = []
    for speculation in (Speculation.OFF, Speculation.AUTO):
        provider = open_starter(KvType.Q8_0, speculation)
        answers.append(run(provider, make_job(provider, SONG, 40)))
        provider.close()
    assert answers[0] == answers[1]


def test_state_of_another_type_is_computed_again_even_if_nobody_looked_at_its_fingerprint() -> None:
    quantised, usual = open_starter(KvType.Q8_0), open_starter(KvType.F16)
    try:
        assert quantised.fingerprint != usual.fingerprint
        state = quantised.save(hold(quantised, make(quantised, NOTES + "And who counted them?")))
        prefix = usual.restore(state)
        assert prefix is not None, "its sizes tell nothing: the library has to see it"
        cold = run(usual, make_job(usual, NOTES + QUESTION, ANSWER))
        job = make(usual, NOTES + QUESTION)
        assert usual.submit(job, Reuse(prefix, len(prefix.tokens) // 2)) == 0
        assert finish(usual, [job])[job.id] == cold
    finally:
        quantised.close()
        usual.close()
