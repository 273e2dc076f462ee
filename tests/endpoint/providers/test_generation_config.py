"""The file beside the weights: what its maker recommends, whoever wrote it."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import pytest

from endpoint.providers.generation_config import read_recommended
from endpoint.providers.sampling_wish import NO_WISH, SamplingWish

QWEN3 = {"do_sample": True, "eos_token_id": [1, 2], "temperature": 0.6, "top_k": 20, "top_p": 0.95}


def write(folder: Path, content: bytes | dict[str, object]) -> Path:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "generation_config.json").write_bytes(raw)
    return folder


def test_what_it_says_is_taken_by_our_names(tmp_path: Path) -> None:
    assert read_recommended(write(tmp_path, QWEN3)) == SamplingWish(temperature=0.6, top_p=0.95, top_k=20)
    penalised: dict[str, object] = {"repetition_penalty": 1.05, "min_p": 0.1, "top_k": None}
    assert read_recommended(write(tmp_path, penalised)) == SamplingWish(repeat_penalty=1.05, min_p=0.1)


def test_one_that_does_not_sample_takes_the_likeliest_token(tmp_path: Path) -> None:
    assert read_recommended(write(tmp_path, {**QWEN3, "do_sample": False})).temperature == 0
    assert read_recommended(write(tmp_path, {"top_k": 20})).temperature is None, "silence says nothing"


def test_no_file_recommends_nothing_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_recommended(tmp_path) == NO_WISH
    assert read_recommended(tmp_path / "missing") == NO_WISH
    assert not caplog.messages


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "Expecting"),
        (b"[1]", "holds no JSON object"),
        (b"\xff\xfe\x00", "can't be used"),
        (b"[" * 200_000, "can't be used"),
        (b'{"temperature": ' + b"9" * 10_000 + b"}", "can't be used"),
        (b'{"temperature": 0.5}' + b" " * (1 << 20), "larger than 1 MiB"),
    ],
    ids=["torn", "a list", "not text", "nested for ever", "a huge number", "too large"],
)
def test_a_file_that_can_not_be_used_recommends_nothing_and_is_named(
    tmp_path: Path, content: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_recommended(write(tmp_path, content)) == NO_WISH
    [line] = caplog.messages
    assert "generation_config.json" in line
    assert why in line


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "generation_config.json")
    assert read_recommended(tmp_path) == NO_WISH
