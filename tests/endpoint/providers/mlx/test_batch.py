"""Rows that come and go: each goes on as if it were alone, in every kind of memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import Job, MemoryKind, Sampling
from endpoint.providers.mlx.arrays import read_ints
from endpoint.providers.mlx.batch import RowBatch
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import evaluate, make_state
from tests.tiny.mlx_models import write_tiny_mlx

PROMPTS = [
    [(7 * place + 5 * number) % 250 + 3 for place in range(length)] for number, length in enumerate((40, 9, 130))
]


@pytest.fixture(scope="module", params=list(MemoryKind))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp(request.param.value)
    write_tiny_mlx(request.param, folder)
    return load_model(folder)[0]


def prefilled(model: Any, number: int) -> Row:
    row = Row(Job(number, tuple(PROMPTS[number]), 50, Sampling()))
    row.state = make_state(model)
    model(mx.array([row.tokens[:-1]]), cache=row.state)
    evaluate(row.state)
    row.n_past = len(row.tokens) - 1
    return row


def decode(batch: RowBatch, steps: int) -> None:
    """Greedy."""
    for _ in range(steps):
        drawn = mx.argmax(batch.forward(mx.array([[row.tokens[-1]] for row in batch.rows]))[:, -1], axis=-1)
        for row, token in zip(batch.rows, read_ints(drawn), strict=True):
            row.tokens.append(token)
            row.n_past += 1


def alone(model: Any, number: int, steps: int) -> list[int]:
    batch = RowBatch(model)
    row = prefilled(model, number)
    batch.join(row)
    decode(batch, steps)
    return row.tokens


def test_rows_of_any_length_join_late_and_leave_early(model: Any) -> None:
    batch = RowBatch(model)
    first, second, third = (prefilled(model, number) for number in range(3))
    batch.join(first)
    decode(batch, 3)
    batch.join(second)
    decode(batch, 4)
    batch.join(third)
    decode(batch, 5)
    batch.remove(first)
    decode(batch, 6)
    batch.remove(second)
    decode(batch, 7)
    assert [len(row.tokens) - len(PROMPTS[row.job.id]) for row in (first, second, third)] == [12, 15, 18]
    for row, steps in ((first, 12), (second, 15), (third, 18)):
        assert row.tokens == alone(model, row.job.id, steps)


@pytest.mark.parametrize("company", [0, 2])
def test_a_copy_of_a_rows_state_goes_on_by_itself(model: Any, company: int) -> None:
    batch = RowBatch(model)
    rows = [prefilled(model, number) for number in range(1 + company)]
    for row in rows:
        batch.join(row)
    decode(batch, 5)
    row = rows[0]
    fork = Row(row.job)
    fork.tokens, fork.n_past, fork.state = list(row.tokens), row.n_past, batch.copy_state(row)
    decode(batch, 4)
    for each in rows:
        batch.remove(each)
    batch.join(fork)
    decode(batch, 9)
    assert fork.tokens == alone(model, 0, 14)
    assert row.tokens == alone(model, 0, 9)


def test_a_row_without_state_can_not_join(model: Any) -> None:
    with pytest.raises(ValueError, match="without state"):
        RowBatch(model).join(Row(Job(1, (1, 2), 5, Sampling())))
