from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.contenders import STARTER, find_model

_TOLD = re.compile(r"llama_(?:kv_cache|memory_recurrent): size = +([0-9.]+) MiB")


@pytest.mark.parametrize("kind", [STARTER, *MemoryKind])
@pytest.mark.parametrize("parallel", [1, 3])
def test_what_is_measured_is_what_the_library_says_that_it_allocates(
    kind: str, parallel: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "endpoint")
    model = find_model(("llamacpp", kind), tmp_path).model
    provider = load(model, LoadOptions(n_ctx=1024, parallel=parallel, threads=1), lambda _share: None)
    provider.close()
    told = [float(size) * 2**20 for size in _TOLD.findall(caplog.text)]
    assert told
    assert provider.info.kv_bytes == pytest.approx(sum(told), abs=len(told) * 0.01 * 2**20)
    assert provider.info.weights_bytes > 0
