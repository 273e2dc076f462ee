"""What a row leaves behind when it ends, and what that weighs. Engine thread only.

Held is all that a row has computed, or, where that makes a difference, all but the tokens that were computed one by one
(the answer and the prompt's last); of state that can't be cut, what its last checkpoint has.
"""

from __future__ import annotations

from collections.abc import Callable

from endpoint.providers.base import Caps, Prefix, Reuse
from endpoint.providers.chains import end_of_shared
from endpoint.providers.mlx.checkpoints import Checkpoints, Copies, rewind
from endpoint.providers.mlx.holding import HeldPrefixes
from endpoint.providers.mlx.layout import Layout
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State


class RowKeeper:
    """Between rows and held prefixes. `base` is as `Provider.keep` has it."""

    def __init__(self, held: HeldPrefixes, checkpoints: Checkpoints, caps: Caps, layout: Layout) -> None:
        self._held = held
        self._checkpoints = checkpoints
        self._caps = caps
        self._layout = layout

    def keep(self, row: Row, base: Reuse | None, find_state: Callable[[Row], State]) -> Prefix | None:
        """Hold its state, wherever that is now; None when there is nothing to hold."""
        depth = self._find_end(row)
        if depth < 1:
            return None
        tokens, state = tuple(row.tokens[:depth]), find_state(row)
        if self._caps.trimmable:
            return self._held.hold(tokens, rewind(state, row.n_past, depth, None), None, base)
        copies = self._copies(row)
        earlier = {each: copy for each, copy in copies.items() if each < depth}
        return self._held.hold(tokens, rewind(state, row.n_past, depth, copies[depth]), earlier)

    def weigh(self, row: Row, base: Reuse | None) -> int:
        """The bytes of what `keep` would hold. The row goes on."""
        depth = self._find_end(row)
        if depth < 1:
            return 0
        if self._caps.trimmable:
            shared = self._held.choose_shared(base, depth)
            return self._layout.token_bytes * (depth - end_of_shared(shared, base))
        return len(self._copies(row)[depth]) + self._layout.cuttable_bytes * depth

    def _copies(self, row: Row) -> Copies:
        return self._checkpoints.held(row.job.id)

    def _find_end(self, row: Row) -> int:
        """How many tokens may be held; 0 for none."""
        if row.parked:
            return 0
        if not self._caps.trimmable:
            return max((depth for depth in self._copies(row) if depth <= row.n_past), default=0)
        known = min(row.n_past, len(row.tokens))
        return known if self._caps.holds_answers else min(known, len(row.job.tokens) - 1)
