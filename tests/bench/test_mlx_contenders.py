"""Both MLX servers for real, with a tiny model: a ratio means something where they do the same work."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from tests.bench.contenders import Contender, Launch, make_mlx_contenders
from tests.bench.server import find_port, running
from tests.bench.trace import Trace
from tests.tiny.mlx_models import write_tiny_mlx

pytestmark = pytest.mark.skipif(importlib.util.find_spec("mlx_lm") is None, reason="mlx-lm is not installed")
TOKENS = 12


def complete(contender: Contender, folder: Path) -> Trace:
    with running(contender, Launch(folder, threads=1, port=find_port())) as bench:
        return asyncio.run(bench.client.complete("A long novel", TOKENS))


@pytest.mark.slow_suite
def test_both_servers_write_the_same_text_and_count_the_same_tokens(tmp_path: Path) -> None:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path)
    ours, theirs = (complete(contender, tmp_path) for contender in make_mlx_contenders())
    assert (ours.text, ours.tokens) == (theirs.text, theirs.tokens)
    assert ours.tokens == TOKENS
