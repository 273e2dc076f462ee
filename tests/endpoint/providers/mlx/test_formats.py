"""Models in other numbers than 32-bit floats, and one whose rows can't decode together: each answers, and is cached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import mlx.core as mx
import pytest

from endpoint.contract import ModelRef
from endpoint.providers.base import Job, MemoryKind, Provider, Reuse, Sampling
from endpoint.providers.mlx import loader
from tests.endpoint.providers.driving import GREEDY, finish, hold, make_job, opened, run
from tests.tiny.mlx_formats import write_tiny_cast, write_tiny_chunked, write_tiny_quantized

SEEDED = Sampling(temperature=1.1, seed=5)
STORY = "The keeper of the lighthouse counted the ships, and wrote each one down. " * 3
WRITERS: dict[str, Callable[[Path], None]] = {
    "bfloat16": partial(write_tiny_cast, dtype=mx.bfloat16),
    "float16": partial(write_tiny_cast, dtype=mx.float16),
    "4 bits, groups of 32": partial(write_tiny_quantized, bits=4, group_size=32),
    "4 bits, groups of 64": partial(write_tiny_quantized, bits=4, group_size=64),
    "chunked": write_tiny_chunked,
}


@pytest.fixture(scope="module", params=WRITERS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    folder = tmp_path_factory.mktemp("model")
    WRITERS[request.param](folder)
    with opened(ModelRef("mlx", str(folder)), n_ctx=2048) as loaded:
        yield loaded


def make(provider: Provider, text: str, max_tokens: int = 20) -> Job:
    job = make_job(provider, text, max_tokens)
    depth = len(provider.tokenizer.encode(STORY, add_bos=True)) - 5
    return job if provider.caps.trimmable else replace(job, checkpoints=(depth // 2, depth))


def test_it_listens_and_answers_the_same_again(provider: Provider) -> None:
    answer = run(provider, make(provider, STORY))
    assert len(answer) == 20
    assert run(provider, make(provider, STORY)) == answer
    assert run(provider, make(provider, STORY[:-20])) != answer


def test_a_prompt_is_taken_up_again_where_it_was_left(provider: Provider) -> None:
    job = make(provider, STORY)
    cold = run(provider, replace(job, checkpoints=()))
    prefix = hold(provider, job)
    again = replace(job, id=job.id + 10**6, max_tokens=20)
    depth = min(len(prefix.tokens), len(job.tokens) - 1)
    assert depth > len(job.tokens) // 2
    provider.submit(again, Reuse(prefix, depth))
    assert finish(provider, [again])[again.id] == cold
    provider.release(prefix)


def test_a_saved_prefix_is_the_same_to_the_bit_when_it_comes_back(provider: Provider) -> None:
    prefix = hold(provider, make(provider, STORY))
    state, held = provider.save(prefix), provider.held_bytes()
    provider.release(prefix)
    restored = provider.restore(state)
    assert restored is not None
    assert provider.held_bytes() == held
    again = provider.save(restored)
    assert (again.layout, [bytes(part) for part in again.parts]) == (
        state.layout,
        [bytes(part) for part in state.parts],
    )
    provider.release(restored)
    assert provider.held_bytes() == 0


def test_as_many_rows_as_it_says_run_together(provider: Provider) -> None:
    jobs = [make(provider, STORY[place:]) for place in range(provider.caps.max_parallel)]
    for job in jobs:
        provider.submit(job)
    assert provider.capacity().rows == 0
    assert all(len(answer) == 20 for answer in finish(provider, jobs).values())


def test_a_model_whose_caches_do_not_merge_runs_one_row_at_a_time(tmp_path: Path) -> None:
    write_tiny_chunked(tmp_path)
    with opened(ModelRef("mlx", str(tmp_path))) as provider:
        assert (provider.caps.max_parallel, provider.caps.memory) == (1, MemoryKind.SLIDING_WINDOW)


@pytest.mark.parametrize("exact", [True, False])
def test_answers_are_held_only_where_the_probe_finds_them_exact(
    exact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "is_batch_exact", lambda _model, _n_vocab: exact)
    write_tiny_cast(tmp_path, mx.bfloat16)
    with opened(ModelRef("mlx", str(tmp_path))) as provider:
        assert provider.caps.holds_answers == exact
        job = make_job(provider, STORY, 9, GREEDY)
        prefix = hold(provider, job)
        assert len(prefix.tokens) == (len(job.tokens) + 8 if exact else len(job.tokens) - 1)
