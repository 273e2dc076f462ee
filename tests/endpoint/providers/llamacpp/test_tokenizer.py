"""Whole texts as tokens, and tokens as they are written, with the starter's vocabulary and a tiny encoder's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.providers.base import Provider
from endpoint.providers.llamacpp import entry
from endpoint.providers.options import LoadOptions
from tests.tiny.encoder import TOKENS, write_tiny_encoder


@pytest.fixture(scope="module")
def starter() -> Iterator[Provider]:
    provider = entry.load("starter", LoadOptions(n_ctx=256, threads=1), lambda _: None)
    yield provider
    provider.close()


def test_a_text_with_control_tokens_comes_back_as_it_was_written(starter: Provider) -> None:
    text = "<|im_start|>user\nGrüße, 世界!<|im_end|>"
    tokens = starter.tokenizer.encode_whole(text)
    assert b"".join(map(starter.tokenizer.written, tokens)).decode() == text
    assert starter.tokenizer.piece(tokens[0]) == b""
    assert starter.tokenizer.written(tokens[0]) == b"<|im_start|>"


def test_an_encoder_marks_a_text_at_both_ends_where_wanted(tmp_path: Path) -> None:
    write_tiny_encoder(tmp_path / "tiny.gguf")
    provider = entry.load(str(tmp_path / "tiny.gguf"), LoadOptions(threads=1), lambda _: None)
    marked = [TOKENS[token] for token in provider.tokenizer.encode_whole("hi")]
    plain = [TOKENS[token] for token in provider.tokenizer.encode_whole("hi", marks=False)]
    provider.close()
    assert (marked[0], marked[-1]) == ("[CLS]", "[SEP]")
    assert marked[1:-1] == plain
