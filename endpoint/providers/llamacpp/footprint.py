"""What a context's memory takes, measured: the library tells no sizes but those of sequences' states. Engine thread
only, on an empty context, which is left empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import llama_cpp.llama_cpp as ll

from endpoint.contract import KvType
from endpoint.providers.base import Job, MemoryKind, Sampling
from endpoint.providers.llamacpp.context import Decoded, LlamaContext
from endpoint.providers.llamacpp.memory import find_memory
from endpoint.providers.llamacpp.plan import Row, Slice

_PLACE_BYTES = 12
"""What a state notes of each token besides keys and values: its place, and its sequence (llama-kv-cache.cpp,
state_write_meta)."""
_STEP = 256
"""A window's cells are rounded up to this (llama-kv-cache-iswa.cpp)."""
_SEQUENCE = 0


@dataclass(frozen=True, slots=True)
class _State:
    """Bytes of a sequence's state: of all of it, and of the `part` that can't be cut."""

    whole: int
    part: int

    @property
    def rest(self) -> int:
        return self.whole - self.part


@dataclass(frozen=True, slots=True)
class ContextCosts:
    """Bytes: of a cell in the layers that remember all, of one in those that remember the last `window` tokens, and of
    a row's running states, however long it is."""

    cell: int = 0
    window_cell: int = 0
    window: int = 0
    row: int = 0

    def total(self, cells: int, parallel: int, batch: int) -> int:
        """Of all cells, used or not, with `parallel` rows that compute at most `batch` tokens at once."""
        seen = min(cells, _round_up(self.window * parallel + batch)) if self.window else 0
        return self.cell * cells + self.window_cell * seen + self.row * parallel

    def of_type(self, kv_type: KvType) -> ContextCosts:
        """What 16-bit keys and values cost as those of another type; running states have their own."""
        return replace(self, cell=kv_type.weigh(self.cell // 2), window_cell=kv_type.weigh(self.window_cell // 2))


def measure_costs(model: ll.llama_model_p, context: LlamaContext) -> ContextCosts | None:
    """By two decodes; None when one fails."""
    states = _measure_states(context)
    if len(states) < 2:
        return None
    one, two = states
    match find_memory(model):
        case MemoryKind.ATTENTION:
            return ContextCosts(cell=_per_cell(one.whole, two.whole))
        case MemoryKind.SLIDING_WINDOW:
            return ContextCosts(
                cell=_per_cell(one.rest, two.rest),
                window_cell=_per_cell(one.part, two.part),
                window=int(ll.llama_model_n_swa(model)),
            )
        case MemoryKind.RECURRENT:
            return ContextCosts(row=one.part)
        case MemoryKind.HYBRID:
            return ContextCosts(cell=_per_cell(one.rest, two.rest), row=one.part)


def _measure_states(context: LlamaContext) -> list[_State]:
    """After a token, and after another one."""
    row = Row(Job(0, (0, 0), 1, Sampling()), _SEQUENCE)
    states: list[_State] = []
    for _ in row.tokens[:2]:
        if context.decode([Slice(row, 1)]) is not Decoded.OK:
            break
        row.n_past += 1
        states.append(_State(context.weigh(_SEQUENCE), context.weigh(_SEQUENCE, part=True)))
    context.remove(_SEQUENCE)
    return states


def _per_cell(one: int, two: int) -> int:
    return max(0, two - one - _PLACE_BYTES)


def _round_up(cells: int) -> int:
    return -(-cells // _STEP) * _STEP
