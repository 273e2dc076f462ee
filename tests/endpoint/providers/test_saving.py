"""Save and restore, of each kind of memory: the answer is the one that a cold start gives, whoever takes it up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cache.index import common_length
from endpoint.contract import ModelRef
from endpoint.providers.base import Job, Prefix, Provider, Reuse
from endpoint.providers.saved_state import SavedState
from endpoint.providers.state_file import write_state
from tests.endpoint.providers.contenders import ALL, find_model
from tests.endpoint.providers.continuing import Errand, run_elsewhere
from tests.endpoint.providers.driving import finish, hold, make_job, opened, run

STORY = "The keeper of the lighthouse counted the ships, and wrote each one down in a large blue book. " * 3
ANSWER = 24


@pytest.fixture(scope="module", params=ALL)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelRef:
    return find_model(request.param, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def provider(model: ModelRef) -> Iterator[Provider]:
    with opened(model) as loaded:
        yield loaded


def make(provider: Provider, text: str, max_tokens: int = ANSWER) -> Job:
    """It asks for checkpoints, in case that its state can't be cut."""
    job = make_job(provider, text, max_tokens)
    story = len(provider.tokenizer.encode(STORY, add_bos=True))
    return replace(job, checkpoints=() if provider.caps.trimmable else (story // 3, story - 3, len(job.tokens) - 1))


def hold_story(provider: Provider) -> Prefix:
    return hold(provider, make(provider, STORY + "He drew", max_tokens=3))


def find_depths(provider: Provider, prefix: Prefix, job: Job) -> tuple[int, ...]:
    """Where a job that begins alike can take it up."""
    common = min(common_length(prefix.tokens, job.tokens), len(job.tokens) - 1)
    depths = (common // 3, common) if provider.caps.trimmable else prefix.checkpoints
    return tuple(depth for depth in depths if depth <= common)


def test_a_restored_prefix_is_taken_up_anywhere_as_the_first_one(provider: Provider) -> None:
    question = make(provider, STORY + "How many")
    cold = run(provider, replace(question, checkpoints=()))
    prefix = hold_story(provider)
    held = provider.held_bytes()
    state = provider.save(prefix)
    provider.release(prefix)
    restored = provider.restore(state)
    assert restored is not None
    assert (restored.tokens, restored.checkpoints) == (prefix.tokens, prefix.checkpoints)
    assert provider.held_bytes() == held
    depths = find_depths(provider, restored, question)
    assert len(depths) == 2
    for number, depth in enumerate(depths, 1):
        again = replace(question, id=question.id + number * 10**6)
        assert provider.submit(again, Reuse(restored, depth)) == depth
        assert finish(provider, [again])[again.id] == cold
    provider.release(restored)
    assert provider.held_bytes() == 0


def test_another_process_goes_on_where_this_one_stood_and_ends_well(
    provider: Provider, model: ModelRef, tmp_path: Path
) -> None:
    question = make(provider, STORY + "How many")
    cold = run(provider, replace(question, checkpoints=()))
    prefix = hold_story(provider)
    write_state(tmp_path / "prefix", provider.save(prefix), provider.fingerprint)
    provider.release(prefix)
    depths = find_depths(provider, prefix, question)
    errand = Errand(model.provider, model.model, question.tokens, ANSWER, str(tmp_path / "prefix"), depths)
    outcome = run_elsewhere(errand)
    assert outcome.reused == list(depths)
    assert outcome.answers == [cold, cold]


def test_what_was_saved_is_read_on_another_thread_after_its_release(provider: Provider) -> None:
    prefix = hold_story(provider)
    state = provider.save(prefix)
    assert sum(map(len, state.parts)) == state.size
    assert state.size >= len(state.tokens)
    before = [bytes(part) for part in state.parts]
    provider.release(prefix)
    run(provider, make_job(provider, "Something else comes in between.", 4))
    with ThreadPoolExecutor(1) as worker:
        assert worker.submit(lambda: [bytes(part) for part in state.parts]).result() == before


def test_a_thinned_prefix_is_saved_as_it_is_now(provider: Provider) -> None:
    whole = hold_story(provider)
    before = provider.save(whole)
    thin = provider.thin(whole, 1)
    state = provider.save(thin)
    assert (state.tokens, state.checkpoints) == (thin.tokens, thin.checkpoints)
    assert (state.size < before.size) == (thin != whole)
    provider.release(thin)


def spoil(state: SavedState) -> Iterator[tuple[str, SavedState]]:
    first, *others = state.parts
    count = len(state.tokens)
    yield "a part is short", replace(state, parts=(bytes(first)[:-1], *others))
    yield "a part is long", replace(state, parts=(bytes(first) + b"\0", *others))
    yield "a part is missing", replace(state, parts=state.parts[:-1])
    yield "a part is too many", replace(state, parts=(*state.parts, b"more"))
    yield "a layout of somebody else", replace(state, layout='{"format": "nobody\'s"}')
    yield "a layout that is no JSON", replace(state, layout="{")
    yield "no tokens", replace(state, tokens=())
    yield "unknown tokens", replace(state, tokens=(*state.tokens[:-1], 10**8))
    yield "negative tokens", replace(state, tokens=(*state.tokens[:-1], -1))
    yield "longer than the context", replace(state, tokens=state.tokens * 100)
    yield "checkpoints beyond the end", replace(state, checkpoints=(*state.checkpoints[:-1], count + 1))
    yield "one checkpoint more", replace(state, checkpoints=(1, *state.checkpoints))
    if state.checkpoints:
        yield "no checkpoints", replace(state, checkpoints=())
        yield "checkpoints in disorder", replace(state, checkpoints=(*state.checkpoints[1::-1], count))


def test_what_is_no_state_of_this_model_is_refused_without_a_word(provider: Provider) -> None:
    prefix = hold_story(provider)
    state = provider.save(prefix)
    provider.release(prefix)
    for what, spoiled in spoil(state):
        assert provider.restore(spoiled) is None, what
    assert provider.held_bytes() == 0


def test_the_fingerprint_is_the_models_own(provider: Provider, tmp_path: Path) -> None:
    assert len(bytes.fromhex(provider.fingerprint)) == 16
    with opened(ModelRef("fake", "somebody else")) as other:
        assert provider.fingerprint != other.fingerprint
