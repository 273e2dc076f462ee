"""From a GGUF's metadata to what a context of the model takes: which layers remember what. Pure arithmetic.

As llama.cpp sizes it (llama-hparams.cpp, llama-kv-cache.cpp, llama-memory-recurrent.cpp). Not counted, because the
metadata leaves it open or few models have it: the extra keys of sparse attention (DeepSeek V3.2 and later).
"""

from __future__ import annotations

from dataclasses import dataclass

from tray.models.gguf_header import Header
from tray.models.model import AttentionKind, MemoryShape

HALF, SINGLE = 2, 4
"""Bytes of a number in keys and values, and in running states."""
MOST_LAYERS = 1024

_PERIODS = {
    "afmoe": 4,
    "cohere2": 4,
    "exaone-moe": 4,
    "exaone4": 4,
    "gemma-embedding": 6,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "llama4": 4,
    "modern-bert": 3,
    "olmo2": 4,
    "plamo3": 8,
    "smallthinker": 4,
}
"""Of so many layers one sees all tokens, where the metadata names a window but not the pattern (llama.cpp, src/models).
An architecture that isn't listed here and has no pattern ignores its window (phi3, qwen2)."""
_LLAMA4_WINDOW = 8192
_GEMMA3N_OWN_LAYERS = 20
_STATE_KEYS = ("ssm.state_size", "wkv.head_size", "shortconv.l_cache", "kda.head_dim")
_RUNNING_AND_ATTENTION = frozenset({"falcon-h1"})
"""Architectures whose layers have both."""
_INTERVAL_ARCHITECTURES = frozenset({"qwen3next", "qwen35", "qwen35moe"})
_USUAL_INTERVAL = 4
_RUNNING = frozenset({"mamba", "mamba2", "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7"})
"""Architectures without any attention, though some say how many heads they have."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """`key`, `value`: numbers that a token leaves there. `windowed`: only the last stay. `runs`: it has a state."""

    key: int
    value: int
    windowed: bool
    runs: bool


class _Numbers:
    """A header's numbers, by their names without the architecture."""

    def __init__(self, header: Header) -> None:
        self.architecture = header.text("general.architecture")
        self._header = header
        self.layers = min(self.one("block_count"), MOST_LAYERS)

    def one(self, name: str) -> int:
        return self._header.number(f"{self.architecture}.{name}")

    def has_array(self, name: str) -> bool:
        return len(self._header.numbers(f"{self.architecture}.{name}")) > 1

    def each(self, name: str) -> tuple[int, ...]:
        """One for each layer; empty where the header has none."""
        found = self._header.numbers(f"{self.architecture}.{name}")
        if len(found) == 1:
            return found * self.layers
        return (found + (0,) * self.layers)[: self.layers] if found else ()


def find_shape(header: Header, vocabulary: int) -> tuple[AttentionKind, MemoryShape]:
    """How the model remembers and what that takes; `vocabulary`: how many tokens it knows."""
    numbers = _Numbers(header)
    layers = _list_layers(numbers)
    full = [layer for layer in layers if not layer.windowed]
    windowed = [layer for layer in layers if layer.windowed]
    shape = MemoryShape(
        cell_bytes=_weigh(full),
        window_bytes=_weigh(windowed),
        window=_find_window(numbers) if windowed else 0,
        row_bytes=SINGLE * _state_numbers(numbers) * sum(layer.runs for layer in layers),
        counted_bytes=_count_as_endpoint(numbers),
        heads=numbers.one("attention.head_count"),
        width=numbers.one("embedding_length"),
        vocabulary=vocabulary,
    )
    return _find_kind(layers), shape


def _find_kind(layers: list[_Layer]) -> AttentionKind:
    if any(layer.runs for layer in layers):
        remembers = any(layer.key for layer in layers)
        return AttentionKind.HYBRID if remembers else AttentionKind.RECURRENT
    windowed = any(layer.windowed and layer.key for layer in layers)
    return AttentionKind.SLIDING_WINDOW if windowed else AttentionKind.ATTENTION


def _weigh(layers: list[_Layer]) -> int:
    return HALF * sum(layer.key + layer.value for layer in layers)


def _list_layers(numbers: _Numbers) -> list[_Layer]:
    heads = _list_heads(numbers)
    windowed = _list_windowed(numbers)
    runs = _list_running(numbers, heads)
    own = _count_own(numbers)
    widths = {
        swa: (_find_width(numbers, "key", swa=swa), _find_width(numbers, "value", swa=swa)) for swa in set(windowed)
    }
    layers = []
    for index in range(numbers.layers):
        key, value = widths[windowed[index]]
        remembers = index < own and _remembers(numbers, runs[index])
        count = heads[index] if remembers else 0
        layers.append(_Layer(key * count, value * count, windowed[index], runs[index]))
    return layers


def _list_heads(numbers: _Numbers) -> tuple[int, ...]:
    """Heads that keys and values are kept for; as many as there are of queries where the header doesn't say."""
    return numbers.each("attention.head_count_kv") or numbers.each("attention.head_count") or (0,) * numbers.layers


def _remembers(numbers: _Numbers, runs: bool) -> bool:
    return not runs or numbers.architecture in _RUNNING_AND_ATTENTION


def _find_width(numbers: _Numbers, part: str, *, swa: bool) -> int:
    """Numbers of a key or a value in one head. Latent attention keeps keys alone, its values are part of them."""
    if part == "value" and numbers.one("attention.key_length_mla"):
        return 0
    usual = numbers.one("embedding_length") // max(1, numbers.one("attention.head_count"))
    own = numbers.one(f"attention.{part}_length")
    return (numbers.one(f"attention.{part}_length_swa") if swa else 0) or own or usual


def _count_own(numbers: _Numbers) -> int:
    """Layers with keys of their own, the first ones; the others use those of a layer before."""
    if numbers.architecture == "gemma3n":
        return _GEMMA3N_OWN_LAYERS
    return max(0, numbers.layers - numbers.one("attention.shared_kv_layers"))


def _find_window(numbers: _Numbers) -> int:
    own = numbers.one("attention.sliding_window")
    return own or (_LLAMA4_WINDOW if numbers.architecture == "llama4" else 0)


def _list_windowed(numbers: _Numbers) -> list[bool]:
    if not _find_window(numbers):
        return [False] * numbers.layers
    if numbers.has_array("attention.sliding_window_pattern"):
        return [bool(each) for each in numbers.each("attention.sliding_window_pattern")]
    period = numbers.one("attention.sliding_window_pattern") or _PERIODS.get(numbers.architecture, 1)
    dense_first = numbers.architecture == "smallthinker"
    return [bool(index % period) if dense_first else index % period < period - 1 for index in range(numbers.layers)]


def _list_running(numbers: _Numbers, heads: tuple[int, ...]) -> list[bool]:
    """Layers that hold a running state: where the header says so, else where no keys are kept."""
    if not any(numbers.one(key) for key in _STATE_KEYS):
        return [False] * numbers.layers
    if numbers.architecture in _RUNNING | _RUNNING_AND_ATTENTION:
        return [True] * numbers.layers
    told = numbers.each("attention.recurrent_layers")
    if told:
        return [bool(each) for each in told]
    if numbers.architecture in _INTERVAL_ARCHITECTURES:
        interval = numbers.one("full_attention_interval") or _USUAL_INTERVAL
        return [bool((index + 1) % interval) for index in range(numbers.layers)]
    return [not count for count in heads]


def _state_numbers(numbers: _Numbers) -> int:
    """Numbers in one layer's running state of one sequence."""
    width, conv = numbers.one("embedding_length"), max(0, numbers.one("ssm.conv_kernel") - 1)
    if head := numbers.one("wkv.head_size"):
        return (numbers.one("token_shift_count") or 2) * width + width * head
    if length := numbers.one("shortconv.l_cache"):
        return width * (length - 1)
    if head := numbers.one("kda.head_dim"):
        inner = numbers.one("attention.head_count") * head
        return 3 * (conv or 3) * inner + inner * head
    inner, state = numbers.one("ssm.inner_size"), numbers.one("ssm.state_size")
    return conv * (inner + 2 * numbers.one("ssm.group_count") * state) + inner * state


def _count_as_endpoint(numbers: _Numbers) -> int:
    """Bytes of a token by the endpoint's own rule (its find_cell_bytes): all layers like the first."""
    usual = numbers.one("embedding_length") // max(1, numbers.one("attention.head_count"))
    width = sum(numbers.one(f"attention.{part}_length") or usual for part in ("key", "value"))
    return HALF * numbers.layers * _list_heads(numbers)[0] * width if numbers.layers else 0
