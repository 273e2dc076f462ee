"""Who takes part in the contract suite, and how each gets its models. A provider joins with one line in MODELS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from endpoint.contract import ModelRef
from endpoint.providers.base import MemoryKind, Provider
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.models import write_tiny

GetModel = Callable[[Path], str]
"""Gets an empty folder to write in; the model's name, as --model takes it."""


def _write_gguf(kind: MemoryKind) -> GetModel:
    def write(folder: Path) -> str:
        path = folder / f"{kind}.gguf"
        write_tiny(kind, path)
        return str(path)

    return write


def _write_mlx(kind: MemoryKind) -> GetModel:
    def write(folder: Path) -> str:
        write_tiny_mlx(kind, folder)
        return str(folder)

    return write


_UNCUT = (MemoryKind.SLIDING_WINDOW, MemoryKind.RECURRENT, MemoryKind.HYBRID)
MODELS: dict[str, dict[MemoryKind, GetModel]] = {
    "fake": {MemoryKind.ATTENTION: lambda _: "echo", MemoryKind.HYBRID: lambda _: "echo,hybrid=1"},
    "llamacpp": {MemoryKind.ATTENTION: lambda _: "starter"} | {kind: _write_gguf(kind) for kind in _UNCUT},
    "mlx": {kind: _write_mlx(kind) for kind in MemoryKind},
}
"""Of each provider a model of each kind that it runs; every one has one of ATTENTION."""
PROVIDERS = tuple(MODELS)
DRAWING = tuple(name for name in PROVIDERS if name != "fake")
"""Those that draw their tokens: the fake echoes, whatever the seed."""
UNCUT = tuple((name, kind) for name, kinds in MODELS.items() for kind in kinds if kind is not MemoryKind.ATTENTION)
"""Those whose state can't be cut."""
ALL = tuple((name, kind) for name, kinds in MODELS.items() for kind in kinds)


def name_of(contender: tuple[str, MemoryKind]) -> str:
    """As a test's id shows it."""
    return "-".join(contender)


def find_model(contender: tuple[str, MemoryKind], folder: Path) -> ModelRef:
    """A contender's model, written into the folder if need be."""
    name, kind = contender
    return ModelRef(name, MODELS[name][kind](folder))


@contextmanager
def opened(model: ModelRef, n_ctx: int = 4096) -> Iterator[Provider]:
    """A provider with four rows and one thread, closed at the end."""
    provider = load_provider(model, LoadOptions(n_ctx=n_ctx, parallel=4, threads=1), lambda _share: None)
    try:
        yield provider
    finally:
        provider.close()
