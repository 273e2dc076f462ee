"""What `make bench` measures for a provider: contenders, workloads, model, page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from endpoint.providers.llamacpp.files import locate_model as locate_gguf
from endpoint.providers.mlx.files import locate_model as locate_folder
from tests.bench.catalogue import MLX_WORKLOADS, WORKLOADS
from tests.bench.contenders import ROOT, Contender, make_llamacpp_contenders, make_mlx_contenders
from tests.bench.machine import describe_llamacpp, describe_mlx
from tests.bench.metric import Workload
from tests.bench.peer_build import find_or_build

DOCS = ROOT / "docs"

_INTRODUCTION = """\
# Benchmarks

Written by `make bench`; [tests/bench/README.md](../tests/bench/README.md) tells how to read it. All servers get the
same model file, threads and number of KV cells, a fresh process for every measurement, and their turns one after the
other within a round. Figures are medians, with the smallest and the largest in brackets; ratios are taken within each
round. The MLX provider has [a page of its own](benchmarks-mlx.md)."""

_MLX_INTRODUCTION = """\
# Benchmarks of the MLX provider

Written by `make bench PROVIDER=mlx`; [tests/bench/README.md](../tests/bench/README.md) tells how to read it. Both
servers get the same model, in fp32, for MLX on a processor is slow with any other numbers; the same OpenBLAS with as
many threads; a fresh process, warmed up with two tokens, for every measurement; and their turns one after the other
within a round. Figures are medians, with the smallest and the largest in brackets; ratios are taken within each round.

This is Linux on a processor. It tells how the two servers use MLX, not how fast a Mac is, and that was not measured."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One provider's. `find_model`: from what the user asked for, "" for the usual one; raises what locate_model does.
    `find_contenders` may build one, and raises BuildFailed."""

    workloads: tuple[Workload, ...]
    find_model: Callable[[str], Path]
    find_contenders: Callable[[], tuple[Contender, ...]]
    describe: Callable[[], Mapping[str, str]]
    introduction: str
    page: Path


def _find_folder(wish: str) -> Path:
    if wish:
        return locate_folder(wish)
    from tests.tiny.mlx_models import locate_smollm2  # needs libraries that come with MLX

    return locate_smollm2()


SUITES: Mapping[str, Suite] = {
    "llamacpp": Suite(
        WORKLOADS,
        lambda wish: locate_gguf(wish or "starter"),
        lambda: make_llamacpp_contenders(find_or_build(sys.stderr)),
        describe_llamacpp,
        _INTRODUCTION,
        DOCS / "benchmarks.md",
    ),
    "mlx": Suite(
        MLX_WORKLOADS, _find_folder, make_mlx_contenders, describe_mlx, _MLX_INTRODUCTION, DOCS / "benchmarks-mlx.md"
    ),
}


def find_suite(provider: str) -> Suite:
    """Of a provider's name, "" for llamacpp. Raises ValueError for one that isn't measured."""
    suite = SUITES.get(provider or "llamacpp")
    if suite is None:
        raise ValueError(f"PROVIDER={provider} is not measured. There are: {', '.join(SUITES)}.")
    return suite
