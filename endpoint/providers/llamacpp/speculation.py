"""Adds drafts to decoding rows where they are expected to pay, and learns whether they did. Pure; engine thread only.

One batch computes a row's token and its draft; tokens that the model would have said too are kept, so a step brings
several. Only for rows whose state can be cut, for the rejected rest must go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from endpoint.providers.acceptance import LENGTHS, Acceptance, StepPlan, choose_length, extend_plan
from endpoint.providers.costs import StepCosts
from endpoint.providers.drafts import Draft, DraftIndex
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.trust import Trust, may_draft

MOST_DRAFTED = LENGTHS[-1]
"""Drafted tokens in one step, all rows together: each takes a row of logits."""
SPARE_CELLS = 64
"""Cells that stay free: a draft must never be why a row loses its own."""


SLOWER_BESIDE = 2.0
"""Times as long as without drafts that a step may take when several rows wait for it: one row's drafts are not to
make the others' streams falter."""


@dataclass(slots=True)
class _RowState:
    index: DraftIndex
    acceptance: Acceptance
    proposal: Draft | None = None


class Speculator:
    """Remembers each row's text."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._rows: dict[int, _RowState] = {}
        self._costs = StepCosts()
        self.drafted = 0
        self.accepted = 0

    def extend(self, slices: Sequence[Slice], free_cells: int) -> tuple[Slice, ...]:
        """The batch with drafts. A step with prompt tokens in it stays as it is: it is long enough, and a prompt's
        last token is computed as ever, for the answer must not depend on how its beginning was computed. Nor is there
        a draft before it is known what the step costs without one."""
        tokens = sum(part.count for part in slices)
        room = min(MOST_DRAFTED, free_cells - tokens - SPARE_CELLS)
        known = self._costs.knows(tokens)
        if self._trust is Trust.NOBODY or room < 1 or not known or not all(_is_answering(part.row) for part in slices):
            return tuple(slices)
        plan = self._plan_without(tokens)
        proposals = [self._propose(part.row) for part in slices]
        waiting = sum(proposal is not None for proposal in proposals)
        extended: list[Slice] = []
        for part, proposal in zip(slices, proposals, strict=True):
            if proposal is not None:
                length, plan = self._choose(plan, part.row, proposal, room // waiting)
                extended.append(replace(part, count=1 + length, draft=proposal.tokens[:length]))
                room, waiting = room - length, waiting - 1
            else:
                extended.append(part)
        return tuple(extended)

    def learn(self, slices: Sequence[Slice], seconds: float) -> None:
        """Take a step's time, if all it did was to decode."""
        if slices and all(_is_answering(part.row) for part in slices):
            self._costs.learn(sum(part.count for part in slices), seconds)

    def compare(self, part: Slice, drawn: Sequence[int]) -> None:
        """Take what a row has drawn; all but the last of it came from the draft."""
        self.drafted += len(part.draft)
        self.accepted += len(drawn) - 1
        state = self._rows.get(part.row.job.id)
        if state is not None and state.proposal is not None:
            state.acceptance.compare(state.proposal.tokens, state.proposal.matched, drawn)
            state.proposal = None

    def forget(self, job_id: int) -> None:
        """A row is gone."""
        self._rows.pop(job_id, None)

    def _plan_without(self, tokens: int) -> StepPlan:
        limit_s = self._costs.cost(tokens) * SLOWER_BESIDE if tokens > 1 else inf
        return StepPlan(tokens, float(tokens), limit_s)

    def _propose(self, row: Row) -> Draft | None:
        """What may come next, never beyond the row's limit: the last token is drawn without a draft. Nothing beside
        tokens that are certain."""
        if row.pending > 1:
            return None
        if not may_draft(self._trust, row.job.sampling):
            return None
        state = self._rows.get(row.job.id)
        if state is None:
            state = self._rows[row.job.id] = _RowState(DraftIndex(row.tokens), Acceptance())
        left = len(row.job.tokens) + row.job.max_tokens - len(row.tokens) - 1
        state.proposal = state.index.propose(min(MOST_DRAFTED, left))
        return state.proposal

    def _choose(self, plan: StepPlan, row: Row, proposal: Draft, most: int) -> tuple[int, StepPlan]:
        acceptance = self._rows[row.job.id].acceptance
        most = min(most, len(proposal.tokens))
        length = choose_length(plan, acceptance, proposal.matched, most, self._costs)
        return length, extend_plan(plan, acceptance, proposal.matched, length)


def _is_answering(row: Row) -> bool:
    """Past its prompt, and about to draw."""
    return row.is_decoding and row.n_past >= len(row.job.tokens)
