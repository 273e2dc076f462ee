"""Keys and values of each type, in real contexts: what they take, and what is refused before the library sees it."""

from __future__ import annotations

from pathlib import Path

import llama_cpp.llama_cpp as ll
import pytest

from endpoint.contract import KV_BLOCK, KvType
from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp import fitting
from endpoint.providers.llamacpp.kv_types import LIBRARY_TYPES
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.driving import make_job, run
from tests.tiny.models import write_tiny

NUMBERS = 30 * 2 * 192
"""That a token leaves in the starter: 30 layers, keys and values, 192 wide."""
QUESTION = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
QUANTISED = [each for each in KvType if each.is_quantised]
WEIGHTS = 98_000_000
"""Bytes of the starter's file, about."""


def open_model(model: str, kv_type: KvType, n_ctx: int | None = 512) -> LlamaCppProvider:
    options = LoadOptions(n_ctx=n_ctx, parallel=2, threads=1, kv_type=kv_type)
    return load(model, options, lambda _share: None)


@pytest.mark.parametrize("kv_type", KvType)
def test_a_real_model_answers_with_each_type_and_its_cells_take_what_that_says(kv_type: KvType) -> None:
    provider = open_model("starter", kv_type)
    try:
        answer = b"".join(map(provider.tokenizer.piece, run(provider, make_job(provider, QUESTION))))
    finally:
        provider.close()
    assert b"Paris" in answer
    assert provider.info.kv_type is kv_type
    assert provider.info.kv_bytes == provider.info.n_ctx * kv_type.weigh(NUMBERS)


def test_the_library_has_a_type_for_each_of_ours() -> None:
    assert set(LIBRARY_TYPES) == set(KvType)
    assert len(set(LIBRARY_TYPES.values())) == len(KvType)
    assert LIBRARY_TYPES[KvType.F16] == ll.llama_context_default_params().type_k


@pytest.mark.parametrize("kv_type", QUANTISED)
@pytest.mark.parametrize("kind", [MemoryKind.SLIDING_WINDOW, MemoryKind.HYBRID])
def test_heads_that_no_block_fits_into_are_refused_with_what_would_do(
    kind: MemoryKind, kv_type: KvType, tmp_path: Path
) -> None:
    path = tmp_path / "narrow.gguf"
    write_tiny(kind, path, head=KV_BLOCK // 2)
    open_model(str(path), KvType.F16).close()
    with pytest.raises(LoadError) as refused:
        open_model(str(path), kv_type)
    assert str(refused.value) == (
        f"narrow.gguf can't have a KV cache of the type {kv_type} (--kv-type): it is kept in blocks of 32 numbers, and "
        "this model's heads are 16 wide. Take --kv-type f16."
    )


def test_to_a_model_that_keeps_no_keys_the_type_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "running.gguf"
    write_tiny(MemoryKind.RECURRENT, path)
    usual, quantised = (open_model(str(path), each) for each in (KvType.F16, KvType.Q4_0))
    try:
        job = make_job(usual, "Once upon a time")
        assert run(quantised, job) == run(usual, job)
        assert quantised.fingerprint == usual.fingerprint
        assert quantised.info == usual.info
        assert usual.info.kv_type is None
    finally:
        usual.close()
        quantised.close()


def test_a_smaller_type_gets_a_longer_context_in_the_same_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "available_memory", lambda: WEIGHTS + 130_000_000)
    lengths = []
    for kv_type in (KvType.F16, KvType.Q8_0):
        provider = open_model("starter", kv_type, n_ctx=None)
        provider.close()
        lengths.append(provider.info.n_ctx)
    assert 2048 <= lengths[0] < lengths[1] < 8192


def test_a_context_that_does_not_fit_is_refused_with_what_a_smaller_type_would_spare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "available_memory", lambda: WEIGHTS + 50_000_000)
    with pytest.raises(LoadError, match=r"a smaller KV cache \(--kv-type q8_0: 0\.[1-3] GB less\), a smaller model"):
        open_model("starter", KvType.F16, n_ctx=8192)
    with pytest.raises(LoadError, match="too big for the memory here") as refused:
        open_model("starter", KvType.Q8_0, n_ctx=8192)
    assert "--kv-type" not in str(refused.value)
