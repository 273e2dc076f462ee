from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from endpoint.contract import KV_BLOCK, KvType
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.contenders import STARTER
from tests.tiny.models import write_tiny

_TOLD = re.compile(r"llama_(?:kv_cache|memory_recurrent): size = +([0-9.]+) MiB")


@pytest.mark.parametrize("kind", [STARTER, *MemoryKind])
@pytest.mark.parametrize(("parallel", "kv_type"), [(1, KvType.F16), (3, KvType.F16), (3, KvType.Q8_0)])
def test_what_is_measured_is_what_the_library_says_that_it_allocates(
    kind: str, parallel: int, kv_type: KvType, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "endpoint")
    model = "starter"
    if kind != STARTER:
        write_tiny(MemoryKind(kind), path := tmp_path / "tiny.gguf", head=KV_BLOCK)
        model = str(path)
    options = LoadOptions(n_ctx=1024, parallel=parallel, threads=1, kv_type=kv_type)
    provider = load(model, options, lambda _share: None)
    provider.close()
    told = [float(size) * 2**20 for size in _TOLD.findall(caplog.text)]
    assert told
    assert provider.info.kv_bytes == pytest.approx(sum(told), abs=len(told) * 0.01 * 2**20)
    assert provider.info.weights_bytes > 0
