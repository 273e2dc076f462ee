"""Which type a model's keys and values can have, and what the library calls it. Engine thread only.

A block of a quantised type is a run of numbers that share a scale: it can't lie across two heads. See
docs/adr/0022-kv-type.md.
"""

from __future__ import annotations

from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.contract import KV_BLOCK, KvType
from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.memory import find_memory
from endpoint.providers.llamacpp.metadata import find_head_widths

LIBRARY_TYPES = {
    KvType.F16: ll.GGML_TYPE_F16,
    KvType.Q8_0: ll.GGML_TYPE_Q8_0,
    KvType.Q5_1: ll.GGML_TYPE_Q5_1,
    KvType.Q5_0: ll.GGML_TYPE_Q5_0,
    KvType.Q4_1: ll.GGML_TYPE_Q4_1,
    KvType.Q4_0: ll.GGML_TYPE_Q4_0,
}


def settle_kv_type(model: ll.llama_model_p, path: Path, wished: KvType) -> KvType:
    """The type that a context of this model gets: the usual one where no layer keeps keys, so that nothing depends on
    the wish there. Raises LoadError where its heads can't be quantised."""
    if find_memory(model) is MemoryKind.RECURRENT:
        return KvType.F16
    width = _find_misfit(model)
    if wished.is_quantised and width:
        raise LoadError(
            f"{path.name} can't have a KV cache of the type {wished} (--kv-type): it is kept in blocks of {KV_BLOCK} "
            f"numbers, and this model's heads are {width} wide. Take --kv-type {KvType.F16}."
        )
    return wished


def can_quantise(model: ll.llama_model_p) -> bool:
    """Whether a quantised type would change what its context takes, and the library would take it."""
    return find_memory(model) is not MemoryKind.RECURRENT and not _find_misfit(model)


def _find_misfit(model: ll.llama_model_p) -> int:
    """The width of heads that blocks don't fit into; 0: there are none such."""
    return next((width for width in find_head_widths(model) if width % KV_BLOCK), 0)
