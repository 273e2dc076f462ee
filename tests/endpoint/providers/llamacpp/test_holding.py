"""What the library says of saved state that is not its own: the prompt is computed again, and nobody else is hurt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.providers.base import Job, MemoryKind, Reuse
from endpoint.providers.llamacpp.holding import describe_parts
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions
from endpoint.providers.saved_state import SavedState
from tests.endpoint.providers.driving import finish, hold, make_job, run
from tests.tiny.models import write_tiny

NOTES = "".join(f"Note {number}: {number * number} ships. " for number in range(20))


@pytest.fixture(scope="module", params=["sliding_window", "recurrent", "hybrid"])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppProvider]:
    path: Path = tmp_path_factory.mktemp("tiny") / "model.gguf"
    write_tiny(MemoryKind(request.param), path)
    loaded = load(str(path), LoadOptions(n_ctx=2048, parallel=4, threads=1), lambda _share: None)
    yield loaded
    loaded.close()


def make(provider: LlamaCppProvider) -> Job:
    return replace(make_job(provider, NOTES + "How many?", 24), checkpoints=(100, 300))


def make_state(provider: LlamaCppProvider) -> SavedState:
    prefix = hold(provider, make(provider))
    state = provider.save(prefix)
    provider.release(prefix)
    return state


def restate(state: SavedState, *parts: bytes) -> SavedState:
    """With other parts, as if they were its own."""
    return replace(state, parts=parts, layout=describe_parts(parts, [[0, len(state.tokens)]]))


def cut_end(state: SavedState) -> SavedState:
    """As if its parts were of fewer tokens."""
    tokens = state.tokens[:-5]
    return restate(replace(state, tokens=tokens, checkpoints=(100, len(tokens))), *map(bytes, state.parts[:2]))


@pytest.mark.parametrize("what", ["zeros", "another prefix's end", "another depth's copy", "half"])
def test_the_answer_is_the_cold_one(provider: LlamaCppProvider, what: str) -> None:
    cold = run(provider, make(provider))
    state = make_state(provider)
    whole, early, *_ = map(bytes, state.parts)
    spoiled = {
        "zeros": restate(state, bytes(len(whole)), early),
        "another prefix's end": cut_end(state),
        "another depth's copy": replace(state, checkpoints=(state.checkpoints[0] + 3, *state.checkpoints[1:])),
        "half": restate(state, whole[: len(whole) // 2], early),
    }[what]
    before = provider.capacity()
    prefix = provider.restore(spoiled)
    assert prefix is not None, "its sizes are right: the library has to see it"
    beside = make_job(provider, "Somebody else asks.", 40)
    provider.submit(beside)
    depth = prefix.checkpoints[0] if what == "another depth's copy" else len(prefix.tokens)
    job = make(provider)
    assert provider.submit(job, Reuse(prefix, depth)) == 0
    assert finish(provider, [job, beside])[job.id] == cold
    provider.release(prefix)
    assert (provider.capacity(), provider.held_bytes()) == (before, 0)


def test_bytes_that_may_not_be_written_to_are_copied_others_taken_over(provider: LlamaCppProvider) -> None:
    state = make_state(provider)
    own = tuple(memoryview(bytearray(part)) for part in state.parts)
    for parts, are_same in ((own, True), (tuple(map(bytes, own)), False)):
        prefix = provider.restore(replace(state, parts=parts))
        assert prefix is not None
        saved = provider.save(prefix).parts
        before = bytes(saved[0])
        own[0][0] ^= 1
        assert (bytes(saved[0]) != before) == are_same
        provider.release(prefix)
