"""What the fake provider holds: a byte a token, CHECKPOINT_BYTES more a checkpoint. Engine thread only."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from endpoint.providers.base import Prefix, Reuse
from endpoint.providers.chains import (
    Chain,
    Segment,
    choose_shared,
    end_of_shared,
    join_spans,
    read_spans,
    write_spans,
)
from endpoint.providers.saved_state import SavedState
from endpoint.providers.stops import thin_out
from endpoint.providers.tally import ByteTally

CHECKPOINT_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Held:
    prefix: Prefix
    chain: Chain[bytearray]  # a bytearray is never the same object as another one, as short bytes may be

    @property
    def bodies(self) -> list[bytearray]:
        return [segment.body for segment in self.chain]


class FakePrefixes:
    """Its state could be made from the tokens at any time, so that a saved one can be told from any other bytes."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._tally = ByteTally()
        self._numbers = itertools.count(1)

    @property
    def bytes(self) -> int:
        """Of all of them."""
        checkpoints = sum(len(held.prefix.checkpoints) for held in self._held.values())
        return self._tally.bytes + CHECKPOINT_BYTES * checkpoints

    def hold(self, tokens: tuple[int, ...], checkpoints: tuple[int, ...], base: Reuse | None = None) -> Prefix:
        """A new one; what it shares with the base takes no bytes again."""
        shared = self._choose_shared(base, len(tokens), checkpoints)
        start = end_of_shared(shared, base)
        own = Segment(start, len(tokens), _make_body(tokens[start:]))
        return self._take(tokens, checkpoints, (*shared, own))

    def weigh(self, count: int, checkpoints: tuple[int, ...], base: Reuse | None) -> int:
        """The bytes of a new one of so many tokens; its checkpoints are the job's, and counted already."""
        return count - end_of_shared(self._choose_shared(base, count, checkpoints), base)

    def release(self, prefix: Prefix) -> None:
        """Forget one."""
        self._tally.let_go(self._held.pop(prefix.id).bodies)

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget some of its checkpoints."""
        thinner = replace(prefix, checkpoints=thin_out(prefix.checkpoints, most))
        self._held[prefix.id] = replace(self._held[prefix.id], prefix=thinner)
        return thinner

    def save(self, prefix: Prefix) -> SavedState:
        """A part for each segment, and one for each checkpoint."""
        held = self._held[prefix.id]
        tokens, checkpoints = held.prefix.tokens, held.prefix.checkpoints
        parts = (*map(bytes, held.bodies), *map(_mark, checkpoints))
        return SavedState(tokens, checkpoints, _describe(write_spans(held.chain)), parts)

    def restore(self, state: SavedState) -> Prefix | None:
        """Hold it again; None where the parts are not what the tokens make."""
        spans, marks = _find_spans(state), [*map(_mark, state.checkpoints)]
        bodies = [bytearray(part) for part in state.parts[: len(spans)]]
        if not spans or [bytes(part) for part in state.parts[len(spans) :]] != marks or len(bodies) != len(spans):
            return None
        chain = join_spans(spans, bodies)
        return self._take(state.tokens, state.checkpoints, chain) if _is_of(chain, state.tokens) else None

    def _take(self, tokens: tuple[int, ...], checkpoints: tuple[int, ...], chain: Chain[bytearray]) -> Prefix:
        held = _Held(Prefix(next(self._numbers), tokens, checkpoints), chain)
        self._held[held.prefix.id] = held
        self._tally.hold(held.bodies)
        return held.prefix

    def _choose_shared(self, base: Reuse | None, count: int, checkpoints: tuple[int, ...]) -> Chain[bytearray]:
        if base is None or checkpoints or not isinstance(base.source, Prefix):
            return ()
        return choose_shared(self._held[base.source.id].chain, base.depth, count)


def _make_body(tokens: Sequence[int]) -> bytearray:
    return bytearray(token % 256 for token in tokens)


def _is_of(chain: Chain[bytearray], tokens: tuple[int, ...]) -> bool:
    """Whether each segment has a byte for every token, and the right ones as far as it is used."""
    ends = [*(segment.start for segment in chain[1:]), len(tokens)]
    return all(
        len(each.body) == each.end - each.start
        and each.body[: end - each.start] == _make_body(tokens[each.start : end])
        for each, end in zip(chain, ends, strict=True)
    )


def _mark(checkpoint: int) -> bytes:
    return checkpoint.to_bytes(CHECKPOINT_BYTES, "little")


def _describe(spans: Sequence[Sequence[int]]) -> str:
    return json.dumps({"format": "echo", "spans": list(spans)})


def _find_spans(state: SavedState) -> list[tuple[int, int]]:
    """None when the layout isn't one of ours."""
    try:
        spans = read_spans(json.loads(state.layout)["spans"], len(state.tokens))
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    is_ours = _describe(spans) == state.layout and (len(spans) == 1 or not state.checkpoints)
    return spans if is_ours else []
