"""Who takes part in the contract suite, and how each gets its models. A provider joins with one line in MODELS."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from endpoint.providers.base import MemoryKind
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


STARTER = "starter"
"""A real model, a hundred times as slow as the tiny ones: `make test-slow` runs the suite with it."""
MODELS: dict[str, dict[str, GetModel]] = {
    "fake": {MemoryKind.ATTENTION: lambda _: "echo", MemoryKind.HYBRID: lambda _: "echo,hybrid=1"},
    "llamacpp": {kind: _write_gguf(kind) for kind in MemoryKind} | {STARTER: lambda _: STARTER},
    "mlx": {kind: _write_mlx(kind) for kind in MemoryKind},
}
"""Of each provider a model of each kind that it runs; every one has one of ATTENTION."""
Contender = tuple[str, str]
"""A provider, and which of its models."""


def _choose(kinds: Collection[str], names: Collection[str] = tuple(MODELS)) -> tuple[pytest.ParameterSet, ...]:
    """Parameters, each a contender: of these providers those with these models."""
    chosen = [(name, kind) for name in names for kind in MODELS[name] if kind in kinds]
    return tuple(
        pytest.param(each, id="-".join(each), marks=[pytest.mark.slow_suite] if STARTER in each else [])
        for each in chosen
    )


PLAIN = _choose((MemoryKind.ATTENTION, STARTER))
DRAWING = _choose((MemoryKind.ATTENTION, STARTER), ("llamacpp", "mlx"))
"""As `PLAIN`, without the fake: it echoes, whatever the seed."""
UNCUT = _choose((MemoryKind.SLIDING_WINDOW, MemoryKind.RECURRENT, MemoryKind.HYBRID))
"""Those whose state can't be cut."""
ALL = _choose((*MemoryKind, STARTER))


def find_model(contender: Contender, folder: Path) -> ModelRef:
    """A contender's model, written into the folder if need be."""
    name, kind = contender
    return ModelRef(name, MODELS[name][kind](folder))
