"""What the fake provider holds: a byte a token, CHECKPOINT_BYTES more a checkpoint. Engine thread only."""

from __future__ import annotations

import itertools
from dataclasses import replace

from endpoint.providers.base import Prefix
from endpoint.providers.saved_state import Part, SavedState
from endpoint.providers.stops import thin_out

CHECKPOINT_BYTES = 16
_LAYOUT = '{"format": "echo"}'


class FakePrefixes:
    """Its state could be made from the tokens at any time, so that a saved one can be told from any other bytes."""

    def __init__(self) -> None:
        self._prefixes: dict[int, Prefix] = {}
        self._numbers = itertools.count(1)

    @property
    def bytes(self) -> int:
        """Of all of them."""
        held = self._prefixes.values()
        return sum(len(prefix.tokens) + CHECKPOINT_BYTES * len(prefix.checkpoints) for prefix in held)

    def hold(self, tokens: tuple[int, ...], checkpoints: tuple[int, ...]) -> Prefix:
        """A new one."""
        prefix = Prefix(next(self._numbers), tokens, checkpoints)
        self._prefixes[prefix.id] = prefix
        return prefix

    def release(self, prefix: Prefix) -> None:
        """Forget one."""
        del self._prefixes[prefix.id]

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget some of its checkpoints."""
        thinner = replace(prefix, checkpoints=thin_out(prefix.checkpoints, most))
        self._prefixes[prefix.id] = thinner
        return thinner

    def save(self, prefix: Prefix) -> SavedState:
        """A part for the tokens, and one for each checkpoint."""
        held = self._prefixes[prefix.id]
        return SavedState(held.tokens, held.checkpoints, _LAYOUT, _make_parts(held))

    def restore(self, state: SavedState) -> Prefix | None:
        """Hold it again; None where the parts are not what the tokens make."""
        made = _make_parts(Prefix(0, state.tokens, state.checkpoints))
        if state.layout != _LAYOUT or tuple(map(bytes, state.parts)) != made:
            return None
        return self.hold(state.tokens, state.checkpoints)


def _make_parts(prefix: Prefix) -> tuple[Part, ...]:
    stops = (stop.to_bytes(CHECKPOINT_BYTES, "little") for stop in prefix.checkpoints)
    return (bytes(token % 256 for token in prefix.tokens), *stops)
