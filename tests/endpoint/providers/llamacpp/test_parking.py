from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.ledger import CellLedger
from endpoint.providers.llamacpp.parking import RETURN_STEPS, Parking, can_return, choose_victim
from endpoint.providers.llamacpp.plan import Row, plan_batch


class FakeContext:
    """Copies that are as long as the sequence; `copies`: whether it makes any."""

    def __init__(self, cells: int, ledger: CellLedger, *, copies: bool = True) -> None:
        self.cells = cells
        self._ledger = ledger
        self._copies = copies

    def snapshot(self, seq_id: int) -> bytes | None:
        return bytes(self._ledger.length(seq_id)) if self._copies else None

    def restore(self, seq_id: int, snapshot: bytes) -> bool:
        assert self._ledger.length(seq_id) == 0
        return self._ledger.used + len(snapshot) <= self.cells

    def remove(self, seq_id: int) -> None:
        """The ledger is told by the parking itself."""


def row(number: int, prompt: int, n_past: int = 0, *, parked: bool = False) -> Row:
    made = Row(Job(number, (7,) * prompt, 100, Sampling()), seq_id=number, n_past=n_past)
    made.parked = parked
    return made


def parking_of(rows: list[Row], cells: int, *, copies: bool = True) -> tuple[Parking[bytes], CellLedger]:
    ledger = CellLedger()
    for held in rows:
        ledger.extend(held.seq_id, held.n_past)
    return Parking(FakeContext(cells, ledger, copies=copies), ledger), ledger


def test_the_youngest_gives_up_its_cells_but_never_the_last_one() -> None:
    assert choose_victim([row(1, 10, 10), row(3, 10, 5), row(2, 10, 10)]).job.id == 3  # type: ignore[union-attr]  # there is one
    assert choose_victim([row(1, 10, 10), row(2, 10, 0)]) is None


def test_a_parked_row_goes_on_where_it_was() -> None:
    old, young = row(1, 50, 49), row(2, 30, 20)
    parking, ledger = parking_of([old, young], 100)
    assert parking.make_room([old, young])
    assert (young.parked, young.n_past, ledger.used, parking.ram_bytes()) == (True, 0, 49, 20)
    parking.let_return([young])
    assert (young.parked, young.n_past, ledger.length(2), parking.ram_bytes()) == (False, 20, 20, 0)


def test_without_a_copy_it_starts_again() -> None:
    old, young = row(1, 50, 49), row(2, 30, 20)
    parking, ledger = parking_of([old, young], 100, copies=False)
    parking.make_room([old, young])
    parking.let_return([young])
    assert (young.parked, young.n_past, ledger.length(2)) == (False, 0, 0)


def test_copies_take_no_more_tokens_than_the_context_has_cells() -> None:
    rows = [row(1, 10, 9), row(2, 70, 60), row(3, 70, 60)]
    parking, _ = parking_of(rows, 100)
    parking.park(rows[2])
    parking.park(rows[1])
    assert parking.ram_bytes() == 60, "the second would make it 120"
    assert rows[1].parked


def test_the_copy_of_a_row_that_has_gone_is_forgotten() -> None:
    rows = [row(1, 10, 9), row(2, 70, 60)]
    parking, _ = parking_of(rows, 100)
    parking.make_room(rows)
    parking.forget(2)
    parking.forget(2)
    assert parking.ram_bytes() == 0


def test_a_parked_row_returns_when_its_tokens_and_some_steps_fit_or_when_it_is_alone() -> None:
    waiting, other = row(2, 100, parked=True), row(1, 50, 40)
    needed = 10 + 100 + 2 * RETURN_STEPS
    assert not can_return(waiting, [waiting, other], free=needed - 1)
    assert can_return(waiting, [waiting, other], free=needed)
    assert can_return(waiting, [waiting], free=1)


def test_parked_rows_return_in_the_order_of_their_age() -> None:
    large, small, running = row(2, 500, parked=True), row(3, 5, parked=True), row(1, 50, 49)
    parking, _ = parking_of([running], 400)
    parking.let_return([small, large, running])
    assert large.parked
    assert small.parked, "it would take what the older one waits for"


@given(
    st.lists(st.tuples(st.integers(2, 200), st.integers(1, 150)), min_size=1, max_size=8),
    st.integers(0, 400),
    st.integers(16, 128),
    st.booleans(),
)
def test_every_row_gets_through_and_no_row_is_moved_about(
    shapes: list[tuple[int, int]], spare: int, chunk: int, copies: bool
) -> None:
    """Rows of (prompt, answer) over few cells: each completes, and a return is paid for by another row's end."""
    cells = max(prompt + answer for prompt, answer in shapes) + spare
    rows = [row(number, prompt) for number, (prompt, _) in enumerate(shapes)]
    parking, ledger = parking_of([], cells, copies=copies)
    computed = ends = 0
    for _ in range(20_000):
        if not rows:
            break
        parking.let_return(rows)
        while True:
            decoding = sum(one.pending == 1 and not one.parked for one in rows)
            free = cells - ledger.used
            batch = plan_batch(rows, chunk, free)
            if free >= max(1, decoding) or not parking.make_room(rows):
                break
        assert batch, "nothing moves"
        for part in batch:
            completes = part.completes
            part.row.n_past += part.count
            ledger.extend(part.row.seq_id, part.count)
            computed += part.count
            if completes:
                part.row.tokens.append(7)
            if len(part.row.tokens) == sum(shapes[part.row.job.id]):
                ledger.drop(part.row.seq_id)
                rows.remove(part.row)
                ends += 1
        assert ledger.used <= cells
        assert parking.ram_bytes() <= cells
    assert not rows
    assert parking.times <= len(shapes) * (ends + 1)
    if copies and parking.times == 0:
        assert computed == sum(prompt + answer - 1 for prompt, answer in shapes)
