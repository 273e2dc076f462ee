"""The starter model's tokenizer, from its MLX folder: the same as llama.cpp's, and for many threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from endpoint.providers.base import Provider
from endpoint.providers.llamacpp import entry
from endpoint.providers.mlx.tokenizer import HfTokenizer, load_tokenizer
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.mlx.tokenizers import write_texts
from tests.tiny.mlx_models import locate_smollm2

TOKENS = 49152


@pytest.fixture(scope="module")
def real() -> HfTokenizer:
    return load_tokenizer(locate_smollm2(), TOKENS)


@pytest.fixture(scope="module")
def starter() -> Iterator[Provider]:
    provider = entry.load("starter", LoadOptions(n_ctx=256, threads=1), lambda _: None)
    yield provider
    provider.close()


def test_texts_become_the_same_tokens_as_with_llama_cpp(real: HfTokenizer, starter: Provider) -> None:
    theirs = starter.tokenizer
    different = [
        text
        for text in write_texts()
        if real.encode(text, add_bos=True) != theirs.encode(text, add_bos=True)
        or real.encode_whole(text) != theirs.encode_whole(text)
    ]
    assert different == []


def test_tokens_become_the_same_bytes_as_with_llama_cpp(real: HfTokenizer, starter: Provider) -> None:
    theirs = starter.tokenizer
    assert [real.piece(token) for token in range(TOKENS)] == [theirs.piece(token) for token in range(TOKENS)]
    assert [real.written(token) for token in range(TOKENS)] == [theirs.written(token) for token in range(TOKENS)]
    assert [real.is_end(token) for token in range(TOKENS)] == [theirs.is_end(token) for token in range(TOKENS)]
    assert real.longest_piece == theirs.longest_piece
    assert (real.bos_text, real.eos_text) == (starter.info.bos_text, starter.info.eos_text)
    assert real.infill() == starter.info.infill


def test_many_threads_may_use_it_at_once(real: HfTokenizer) -> None:
    texts = write_texts()[:400]
    alone = [real.encode(text, add_bos=False) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.submit(lambda: [real.encode(text, add_bos=False) for text in texts]) for _ in range(8)]
        assert all(each.result() == alone for each in rounds)


def test_other_threads_run_while_a_long_text_is_encoded(real: HfTokenizer) -> None:
    before, turns, done = threading.Event(), [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            turns[0] += 1
            before.set()
            time.sleep(0)  # gives the lock away, and has to get it again

    counter = threading.Thread(target=count)
    counter.start()
    before.wait()
    start = turns[0]
    real.encode("hello world and more text " * 20_000, add_bos=False)
    during = turns[0] - start
    done.set()
    counter.join()
    assert during > 50  # with the lock held it is a handful
