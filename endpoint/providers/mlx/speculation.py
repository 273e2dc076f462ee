"""Drafts for a row that decodes alone, where they are expected to pay. Engine thread only.

See docs/adr/0009-prompt-lookup.md. One pass computes the row's token and its draft; tokens that the model would have
said too are kept. Rows that decode together get none: their batch takes as many tokens of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.providers.acceptance import LENGTHS, Acceptance, StepPlan, choose_length
from endpoint.providers.costs import StepCosts
from endpoint.providers.drafts import Draft, DraftIndex
from endpoint.providers.mlx.rows import Row
from endpoint.providers.trust import Trust, may_draft


@dataclass(slots=True)
class _RowState:
    index: DraftIndex
    acceptance: Acceptance
    proposal: Draft | None = None


class SoloSpeculator:
    """Remembers each row's text, and what passes cost."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._rows: dict[int, _RowState] = {}
        self._costs = StepCosts()
        self.drafted = 0
        self.accepted = 0

    def propose(self, row: Row) -> tuple[int, ...]:
        """What to compute behind the row's last token; empty where it wouldn't pay, beside tokens that are certain, and
        for a prompt's last token, which is computed as ever. Never beyond the row's limit."""
        is_answering = row.pending == 1 and row.n_past >= len(row.job.tokens)
        if not (is_answering and may_draft(self._trust, row.job.sampling) and self._costs.knows(1)):
            return ()
        state = self._rows.get(row.job.id)
        if state is None:
            state = self._rows[row.job.id] = _RowState(DraftIndex(row.tokens), Acceptance())
        state.proposal = state.index.propose(min(LENGTHS[-1], row.left - 1))
        if state.proposal is None:
            return ()
        proposed = state.proposal.tokens
        length = choose_length(StepPlan(1, 1.0), state.acceptance, state.proposal.matched, len(proposed), self._costs)
        return proposed[:length]

    def learn(self, tokens: int, seconds: float) -> None:
        """Take what a pass over so many tokens of a row took."""
        self._costs.learn(tokens, seconds)

    def compare(self, row: Row, draft: Sequence[int], drawn: Sequence[int]) -> None:
        """Take what a row has drawn; all but the last of it came from the draft."""
        self.drafted += len(draft)
        self.accepted += max(0, len(drawn) - 1)
        state = self._rows.get(row.job.id)
        if state is not None and state.proposal is not None and drawn:
            state.acceptance.compare(state.proposal.tokens, state.proposal.matched, drawn)
            state.proposal = None

    def forget(self, job_id: int) -> None:
        """A row is gone."""
        self._rows.pop(job_id, None)
