"""Prompts on their way: short ones that arrive together share a pass, all others go alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import Failed, Job, MemoryKind, Sampling
from endpoint.providers.counts import JobCounts
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.prefill import SHORT, WIDE, Prefiller
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State, make_state
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.mlx_tokenizer import TOKENS


class Watched:
    """A model that notes the shape of each pass, and may break."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.passes: list[tuple[int, ...]] = []
        self.broken = False

    def __call__(self, tokens: mx.array, cache: State) -> mx.array:
        self.passes.append(tuple(tokens.shape))
        if self.broken:
            raise RuntimeError("out of memory")
        logits: mx.array = self.model(tokens, cache=cache)
        return logits


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("model")
    write_tiny_mlx(MemoryKind.ATTENTION, folder)
    return load_model(folder)[0]


@pytest.fixture
def model(network: Any) -> Watched:
    return Watched(network)


def make_prefiller(model: Watched, counts: JobCounts | None = None, *, shares: bool = True) -> Prefiller:
    drawer = TokenDrawer(TOKENS, lambda _token: False)
    return Prefiller(model, drawer, counts or JobCounts(), lambda _row, _state: None, shares=shares)


def make_rows(model: Watched, *lengths: int) -> list[Row]:
    rows = []
    for number, length in enumerate(lengths):
        tokens = tuple((7 * place + 5 * number) % 250 + 3 for place in range(length))
        rows.append(Row(Job(number, tokens, 10, Sampling()), state=make_state(model.model)))
    return rows


def next_logits(model: Watched, row: Row) -> mx.array:
    logits: mx.array = model.model(mx.array([row.tokens[-1:]]), cache=row.state)[0, -1]
    return logits


def read(prefiller: Prefiller, rows: Sequence[Row]) -> None:
    while any(row.is_prefilling for row in rows):
        assert prefiller.step(rows, brief=False) == []


def test_short_prompts_share_a_pass_and_come_out_as_if_alone(model: Watched) -> None:
    rows, alone = make_rows(model, 9, 14, 3), make_rows(model, 9, 14, 3)
    counts = JobCounts()
    prefiller = make_prefiller(model, counts)
    assert prefiller.step(rows, brief=False) == []
    assert model.passes == [(3, 13)], "padded to the longest, without the last token"
    assert [row.n_past for row in rows] == [8, 13, 2]
    assert counts.prefilled == 23
    for row, other in zip(rows, alone, strict=True):
        read(make_prefiller(model, shares=False), [other])
        assert mx.allclose(next_logits(model, row), next_logits(model, other), atol=1e-4)


def test_where_a_batch_makes_a_difference_nothing_is_shared(model: Watched) -> None:
    read(make_prefiller(model, shares=False), make_rows(model, 9, 14, 3))
    assert all(rows == 1 for rows, _ in model.passes)


def test_prompts_whose_beginnings_are_known_share_a_pass_too(model: Watched) -> None:
    rows, alone = make_rows(model, 20, 44, 12), make_rows(model, 20, 44, 12)
    for row, known in ((rows[0], 5), (rows[1], 33)):
        make_prefiller(model)._advance(row, known)
    model.passes.clear()
    read(make_prefiller(model), rows)
    assert model.passes == [(3, 14)]
    for row, other in zip(rows, alone, strict=True):
        read(make_prefiller(model, shares=False), [other])
        assert mx.allclose(next_logits(model, row), next_logits(model, other), atol=1e-4)


def test_long_prompts_long_beginnings_and_scored_prompts_go_alone(model: Watched) -> None:
    deep, scored, long, short = make_rows(model, WIDE + 30, 20, SHORT + 2, 10)
    make_prefiller(model)._advance(deep, WIDE + 5)
    scored.job = replace(scored.job, scores_prompt=True)
    model.passes.clear()
    read(make_prefiller(model), [deep, scored, long, short])
    assert all(rows == 1 for rows, _ in model.passes)


def test_a_pass_that_fails_fails_the_rows_that_shared_it(model: Watched) -> None:
    rows = make_rows(model, 9, 14)
    model.broken = True
    failed = make_prefiller(model).step(rows, brief=False)
    assert failed == [Failed(number, "The generation was given up: MLX failed: out of memory") for number in (0, 1)]


def test_running_rows_wait_for_so_many_prompts_as_their_decodes_allow(model: Watched) -> None:
    prefiller = make_prefiller(model)
    prefiller.note_decode(1, 0.01)
    prefiller._chunks.learn(100, 0, 0.1)  # a token takes 1 ms: eight decodes are 80 tokens
    prefiller.step(make_rows(model, 21, 21, 21, 21, 21, 21), brief=True)
    assert model.passes[0] == (4, 20)
