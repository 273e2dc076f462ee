from __future__ import annotations

import pytest

from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.compaction import WORTHWHILE, Compactor
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.plan import Row
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.driving import finish, make_job

LONG = 4 * WORTHWHILE


class FakeContext:
    """Notes what is moved; `copies`: whether it makes any; `room`: whether they fit."""

    cells = 100_000

    def __init__(self, *, copies: bool = True, room: bool = True) -> None:
        self.done: list[tuple[str, int]] = []
        self._copies = copies
        self._room = room

    def snapshot(self, seq_id: int) -> bytes | None:
        return bytes([seq_id]) if self._copies else None

    def remove(self, seq_id: int) -> None:
        self.done.append(("out", seq_id))

    def restore(self, seq_id: int, snapshot: bytes) -> bool:
        assert snapshot == bytes([seq_id])
        self.done.append(("in", seq_id))
        return self._room


class Rig:
    """Rows 1 and 2 run; a long one that ran beside them has just gone."""

    def __init__(self, context: FakeContext | None = None) -> None:
        self.context = context or FakeContext()
        self.ledger = CellLedger()
        self.compactor = Compactor(self.context, self.ledger)
        self.rows = [self.row(1, 300), self.row(2, 200)]
        self.ledger.extend(3, LONG)
        assert not self.compactor.compact(self.rows)
        self.ledger.drop(3)

    def row(self, number: int, n_past: int) -> Row:
        self.ledger.extend(number, n_past)
        return Row(Job(number, (7,) * 400, 100, Sampling()), seq_id=number, n_past=n_past)


def test_rows_that_sit_above_many_free_cells_are_moved_down_once_all_out_before_any_in() -> None:
    rig = Rig()
    assert rig.compactor.compact(rig.rows)
    assert rig.context.done == [("out", 1), ("out", 2), ("in", 1), ("in", 2)]
    assert (rig.ledger.used, [row.n_past for row in rig.rows]) == (500, [300, 200])
    assert not rig.compactor.compact(rig.rows)


def test_a_few_free_cells_are_not_worth_a_move() -> None:
    rig = Rig()
    rig.compactor.compact(rig.rows)
    rig.ledger.extend(3, WORTHWHILE - 1)
    rig.compactor.compact(rig.rows)
    rig.ledger.drop(3)
    assert not rig.compactor.compact(rig.rows)


def test_shared_cells_are_left_alone_for_a_copy_would_part_them() -> None:
    rig = Rig()
    rig.ledger.fork(1, 4, 100)
    assert not rig.compactor.compact(rig.rows)


def test_an_empty_context_has_nothing_high() -> None:
    rig = Rig()
    for row in rig.rows:
        rig.ledger.drop(row.seq_id)
    assert not rig.compactor.compact([])
    assert not rig.compactor.compact([rig.row(1, 300)])


def test_without_copies_everything_stays_and_is_not_tried_again() -> None:
    rig = Rig(FakeContext(copies=False))
    assert not rig.compactor.compact(rig.rows)
    assert not rig.context.done


def test_a_row_that_does_not_come_back_is_prefilled_again() -> None:
    rig = Rig(FakeContext(room=False))
    assert rig.compactor.compact(rig.rows)
    assert (rig.ledger.used, [row.n_past for row in rig.rows]) == (0, [0, 0])


@pytest.mark.slow_suite
def test_a_real_answer_goes_on_after_the_move() -> None:
    provider = load("starter", LoadOptions(n_ctx=2048, parallel=2, threads=1), lambda _share: None)
    try:
        long = make_job(provider, "The lamp was lit. " * 270, max_tokens=1)
        short = make_job(provider, "Once upon a time", max_tokens=24)
        provider.submit(short)
        provider.submit(long)
        assert len(finish(provider, [long])[long.id]) == 1
        assert len(long.tokens) > WORTHWHILE
        assert 0 < len(finish(provider, [short])[short.id]) <= 24
        assert provider._compactor._top < WORTHWHILE, "nothing was moved"
    finally:
        provider.close()
