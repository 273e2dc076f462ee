"""A model that goes and comes back on one thread, as the engine does it, with every provider and kind of memory."""

from __future__ import annotations

import os
import shutil
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from endpoint.contract import ModelRef
from endpoint.errors import LoadError
from endpoint.loading import ModelLoader
from endpoint.providers.base import MemoryKind, Provider, Tokenizer
from endpoint.providers.embedding import Pooling
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.contenders import ALL, find_model
from tests.endpoint.providers.driving import make_job, run
from tests.tiny.encoder import write_tiny_encoder
from tests.tiny.models import write_tiny

Result = TypeVar("Result")
STORY = "Once upon a time there was a small lighthouse by the sea, and its keeper liked to count the ships. "
OPTIONS = LoadOptions(n_ctx=2048, parallel=4, threads=1)


@pytest.fixture(params=ALL)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> ModelRef:
    """Each in turn."""
    return find_model(request.param, tmp_path)


def on_a_thread(work: Callable[[], Result]) -> Result:
    """Which is over when this returns: whatever a library minds about that, it minds now."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result()


def load(loader: ModelLoader) -> Provider:
    return loader(lambda _share: None)


def read_all(tokenizer: Tokenizer, n_vocab: int) -> list[object]:
    """All that it says, of every token."""
    pieces = [(tokenizer.piece(each), tokenizer.written(each), tokenizer.is_end(each)) for each in range(n_vocab)]
    texts = [tokenizer.encode(STORY, add_bos=True), tokenizer.encode_whole(STORY)]
    return [*pieces, *texts, tokenizer.longest_piece]


def test_a_model_that_comes_back_says_the_same_and_says_the_same_of_itself(model: ModelRef) -> None:
    def go() -> list[object]:
        told: list[object] = []
        loader = ModelLoader(model, replace(OPTIONS, n_ctx=None))
        for _ in range(3):
            provider = load(loader)
            told.append((run(provider, make_job(provider, STORY)), provider.info, provider.fingerprint))
            provider.close()
        return told

    first, *later = on_a_thread(go)
    assert later == [first, first]


def test_a_lasting_tokenizer_is_just_like_the_own_one_and_outlives_its_provider(model: ModelRef) -> None:
    def go() -> tuple[list[object], Tokenizer, int]:
        provider = load(ModelLoader(model, OPTIONS))
        own, lasting = provider.tokenizer, provider.lasting_tokenizer()
        told, n_vocab = read_all(own, provider.info.n_vocab), provider.info.n_vocab
        provider.close()
        return told, lasting, n_vocab

    told, lasting, n_vocab = on_a_thread(go)
    assert read_all(lasting, n_vocab) == told


def test_an_encoder_comes_back_too_and_leaves_its_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "encoder.gguf"
    write_tiny_encoder(path)

    def embed(provider: Provider) -> array[float]:
        provider.embedder.begin(provider.tokenizer.encode_whole("harbour"), Pooling.MEAN)
        while (vector := provider.embedder.step(brief=False)) is None:
            pass
        return vector

    loader = ModelLoader(ModelRef("llamacpp", str(path)), OPTIONS)
    first = load(loader)
    told, lasting = (embed(first), read_all(first.tokenizer, first.info.n_vocab)), first.lasting_tokenizer()
    first.close()
    again = load(loader)
    assert (embed(again), read_all(lasting, again.info.n_vocab)) == told
    again.close()


def test_a_prefix_that_was_saved_before_can_be_held_after(model: ModelRef) -> None:
    def go() -> bool:
        loader = ModelLoader(model, OPTIONS)
        provider = load(loader)
        job = make_job(provider, STORY * 4)
        provider.submit(replace(job, checkpoints=(64,)))
        while provider.computed(job.id) < len(job.tokens) - 1:
            provider.step()
        prefix = provider.keep(job.id)
        assert prefix is not None
        state = provider.save(prefix)
        provider.close()
        provider = load(loader)
        restored = provider.restore(state)
        provider.close()
        return restored is not None and restored.tokens == prefix.tokens

    assert on_a_thread(go)


def test_a_file_that_has_changed_meanwhile_does_not_take_its_place(tmp_path: Path) -> None:
    path, other = tmp_path / "model.gguf", tmp_path / "other.gguf"
    write_tiny(MemoryKind.RECURRENT, path)
    loader = ModelLoader(ModelRef("llamacpp", str(path)), OPTIONS)
    load(loader).close()
    shutil.copyfile(path, other)
    os.utime(other, (1, 1))
    other.replace(path)
    with pytest.raises(LoadError, match="has changed since it was loaded first"):
        load(loader)


def test_a_file_that_is_gone_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    write_tiny(MemoryKind.RECURRENT, path)
    loader = ModelLoader(ModelRef("llamacpp", str(path)), OPTIONS)
    provider = load(loader)
    path.unlink()
    with pytest.raises(LoadError, match="can't read the vocabulary"):
        provider.lasting_tokenizer()
    provider.close()
    with pytest.raises(LoadError, match="There is no file"):
        load(loader)
