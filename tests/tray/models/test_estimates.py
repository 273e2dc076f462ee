"""The estimate before loading, held to what a process then has resident after a prompt that fills its context."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from endpoint.contract import KvType
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import live
from tests.tiny.gemma import locate_gemma
from tests.tiny.mlx_models import locate_smollm2, write_tiny_mlx
from tests.tiny.models import write_tiny
from tests.tray.models.homes import places_in
from tray.models.discovery import discover
from tray.models.fit import DEFAULT_PARALLEL
from tray.models.memory import read_memory
from tray.models.model import FoundModel
from tray.models.need import find_need

TOLERANCE = 0.10
LAST = 8
"""Tokens of the answer."""
PATIENCE_S = 600.0


def link_starter(folder: Path) -> None:
    (folder / "starter.gguf").symlink_to(locate_model("starter"))


def link_gemma(folder: Path) -> None:
    (folder / "gemma.gguf").symlink_to(locate_gemma())


def link_smollm2_mlx(folder: Path) -> None:
    (folder / "smollm2").symlink_to(locate_smollm2())


def tiny_gguf(kind: MemoryKind) -> Callable[[Path], None]:
    return lambda folder: write_tiny(kind, folder / "tiny.gguf")


def tiny_mlx(kind: MemoryKind) -> Callable[[Path], None]:
    return lambda folder: _write_named(kind, folder / "tiny")


def _write_named(kind: MemoryKind, folder: Path) -> None:
    """The tray lists a folder whose class writes text; to MLX the class's name says nothing."""
    write_tiny_mlx(kind, folder)
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"architectures": ["TinyForCausalLM"]}))


UNCUT = (MemoryKind.SLIDING_WINDOW, MemoryKind.RECURRENT, MemoryKind.HYBRID)
MODELS: dict[str, tuple[Callable[[Path], None], tuple[int, int, int, int]]] = {
    "starter": (link_starter, (1024, 2048, 3072, 4096)),
    "gemma-3-270m": (link_gemma, (2048, 4096, 6144, 8192)),
    "SmolLM2-MLX": (link_smollm2_mlx, (512, 1024, 1536, 2048)),
    **{f"tiny-{kind}": (tiny_gguf(kind), (512, 1024, 2048, 4096)) for kind in UNCUT},
    **{f"tiny-{kind}-MLX": (tiny_mlx(kind), (512, 1024, 2048, 4096)) for kind in MemoryKind},
}
TYPES = [(name, KvType.F16) for name in MODELS] + [(name, KvType.Q8_0) for name in ("starter", "gemma-3-270m")]
CASES = [(name, n_ctx, kv_type) for name, kv_type in TYPES for n_ctx in MODELS[name][1]]


def find_only(folder: Path) -> FoundModel:
    """The one model in a folder, as the tray finds it."""
    [found] = discover(places_in(folder.parent / "home", folder))
    assert not found.problem
    return found


def measure(found: FoundModel, n_ctx: int, kv_type: KvType, config_dir: Path) -> int:
    """Resident bytes of an endpoint that has filled its context once."""
    flags = ("--provider", found.ref.provider, "--model", found.ref.model, "--ctx-size", str(n_ctx))
    with live(config_dir, *flags, "--kv-type", kv_type, "--cache-ram", "0", "--cache-disk", "0") as endpoint:
        assert endpoint.wait_for_status("healthy", "failed")["status"] == "healthy"
        prompt = [10 + 37 * place % 200 for place in range(n_ctx - LAST)]
        status, body = endpoint.post("/v1/completions", {"prompt": prompt, "max_tokens": LAST}, PATIENCE_S)
        assert status == 200, body
        return int(psutil.Process(endpoint.process.pid).memory_info().rss)


@pytest.mark.slow_suite
@pytest.mark.skipif(sys.platform != "linux", reason="the process's own share was measured on Linux")
@pytest.mark.parametrize(("name", "n_ctx", "kv_type"), CASES)
def test_the_estimate_is_within_a_tenth_of_what_the_process_uses(
    name: str, n_ctx: int, kv_type: KvType, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    MODELS[name][0](folder)
    found = find_only(folder)
    need = find_need(found, read_memory(), n_ctx, DEFAULT_PARALLEL, kv_type)
    used = measure(found, n_ctx, kv_type, tmp_path)
    record_property("estimate_mb", round(need.total / 1e6))
    record_property("used_mb", round(used / 1e6))
    told = f"{name} at {n_ctx}, {kv_type}: {need.total / 1e6:.0f} MB estimated ({need}), {used / 1e6:.0f} MB used"
    print(told)  # `-rP` shows these lines: the table in docs/models.md is made of them
    assert need.total == pytest.approx(used, rel=TOLERANCE), told
