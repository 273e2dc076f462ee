from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from endpoint.providers.llamacpp.ledger import CellLedger

ids = st.integers(0, 4)


class LedgerAgainstCellSets(RuleBasedStateMachine):
    """The ledger must count what sets of numbered cells count."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = CellLedger()
        self.cells: dict[int, list[int]] = {}
        self.next = 0

    @rule(seq_id=ids, count=st.integers(0, 20))
    def extend(self, seq_id: int, count: int) -> None:
        self.ledger.extend(seq_id, count)
        self.cells.setdefault(seq_id, []).extend(range(self.next, self.next + count))
        self.next += count

    @rule(source=ids, fork_id=ids, share=st.floats(0, 1))
    def fork(self, source: int, fork_id: int, share: float) -> None:
        if source == fork_id or self.cells.get(fork_id):
            return
        count = int(len(self.cells.get(source, [])) * share)
        self.ledger.fork(source, fork_id, count)
        self.cells[fork_id] = self.cells.get(source, [])[:count]

    @rule(seq_id=ids, share=st.floats(0, 1))
    def trim(self, seq_id: int, share: float) -> None:
        if seq_id in self.cells:
            count = int(len(self.cells[seq_id]) * share)
            self.ledger.trim(seq_id, count)
            self.cells[seq_id] = self.cells[seq_id][:count]

    @rule(seq_id=ids)
    def drop(self, seq_id: int) -> None:
        self.ledger.drop(seq_id)
        self.cells.pop(seq_id, None)

    @invariant()
    def counts_agree(self) -> None:
        assert self.ledger.used == len({cell for cells in self.cells.values() for cell in cells})
        assert all(self.ledger.length(seq_id) == len(cells) for seq_id, cells in self.cells.items())


TestLedgerAgainstCellSets = LedgerAgainstCellSets.TestCase
TestLedgerAgainstCellSets.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
