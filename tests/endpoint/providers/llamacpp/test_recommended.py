"""What a GGUF recommends: in its metadata, and in the file that may lie beside it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from endpoint.providers.sampling_wish import NO_WISH, SamplingWish
from tests.tiny.models import Metadata, write_tiny


def recommended(folder: Path, metadata: Metadata) -> SamplingWish:
    path = folder / "tiny.gguf"
    write_tiny(MemoryKind.SLIDING_WINDOW, path, metadata)
    provider = load(str(path), LoadOptions(n_ctx=256, parallel=1, threads=1), lambda _share: None)
    try:
        return provider.info.sampling
    finally:
        provider.close()


def test_a_file_that_says_nothing_recommends_nothing(tmp_path: Path) -> None:
    assert recommended(tmp_path, {}) == NO_WISH


def test_metadata_is_read_by_llamacpps_names(tmp_path: Path) -> None:
    assert recommended(
        tmp_path,
        {
            "general.sampling.temp": 0.6,
            "general.sampling.top_p": 0.95,
            "general.sampling.top_k": 20,
            "general.sampling.min_p": 0.0,
            "general.sampling.penalty_repeat": 1.05,
            "general.sampling.mirostat": 2,
        },
    ) == SamplingWish(temperature=0.6, top_p=0.95, top_k=20, min_p=0.0, repeat_penalty=1.05)


def test_where_it_is_silent_the_file_beside_it_speaks(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text(json.dumps({"temperature": 1.0, "top_k": 64, "do_sample": True}))
    found = recommended(tmp_path, {"general.sampling.temp": 0.5})
    assert found == SamplingWish(temperature=0.5, top_k=64)


def test_nonsense_is_left_out_and_told_with_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "generation_config.json").write_text("{torn")
    with caplog.at_level(logging.WARNING):
        found = recommended(
            tmp_path,
            {"general.sampling.temp": -3.0, "general.sampling.top_p": "high" * 99, "general.sampling.top_k": True},
        )
    assert found == NO_WISH
    told = "\n".join(caplog.messages)
    assert "tiny.gguf: temperature must be a number from 0 to 2, not -3.0" in told
    assert "tiny.gguf: top_p must be" in told
    assert "tiny.gguf: top_k must be" in told
    assert "generation_config.json can't be used" in told
