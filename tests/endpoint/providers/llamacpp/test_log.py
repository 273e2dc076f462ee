from __future__ import annotations

import gc
import logging
from pathlib import Path

import llama_cpp.llama_cpp as ll
import pytest

from endpoint.providers.llamacpp.log import LogCollector


def test_the_library_may_log_after_its_last_receiver_was_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "endpoint")
    LogCollector().install()
    gc.collect()
    missing = str(tmp_path / "missing.gguf")
    assert not ll.llama_model_load_from_file(missing.encode(), ll.llama_model_default_params())
    assert missing in caplog.text
