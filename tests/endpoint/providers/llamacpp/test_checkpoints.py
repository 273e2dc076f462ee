"""To the last bit: what comes back from a checkpoint computes the very numbers that a cold start does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import llama_cpp.llama_cpp as ll
import numpy as np
import numpy.typing as npt
import pytest

from endpoint.providers.base import Job, MemoryKind, Reuse
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.driving import make_job
from tests.tiny.models import WINDOW, write_tiny

NOTES = "".join(f"Note {number}: {number * number} ships. " for number in range(50))


@pytest.fixture(scope="module", params=["sliding_window", "recurrent", "hybrid"])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppProvider]:
    path: Path = tmp_path_factory.mktemp("tiny") / "model.gguf"
    write_tiny(MemoryKind(request.param), path)
    loaded = load(str(path), LoadOptions(n_ctx=4096, parallel=4, threads=1), lambda _share: None)
    yield loaded
    loaded.close()


def logits(provider: LlamaCppProvider, job: Job, reuse: Reuse | None = None) -> list[npt.NDArray[np.float32]]:
    """What the next token, and the one after, were drawn from."""
    provider.submit(job, reuse)
    drawn: list[npt.NDArray[np.float32]] = []
    while len(drawn) < 2:
        if provider.step():
            row = ll.llama_get_logits_ith(provider._context.pointer, -1)
            drawn.append(np.ctypeslib.as_array(row, (provider.info.n_vocab,)).copy())
    return drawn


def test_logits_are_the_same_after_others_have_come_and_gone(provider: LlamaCppProvider) -> None:
    job = make_job(provider, NOTES + "How many?")
    fresh = logits(provider, job)
    provider.cancel(job.id)
    first, second, third = (make_job(provider, "x" * length) for length in (1000, 1400, 700))
    for other in (first, second, third):
        provider.submit(other)
    for _ in range(15):
        provider.step()
    for other in (second, third, first):  # the one that began in the lowest cells goes last
        provider.cancel(other.id)
        provider.step()
    again = replace(job, id=job.id + 10**6)
    later = logits(provider, again)
    provider.cancel(again.id)
    assert all(np.array_equal(one, other) for one, other in zip(fresh, later, strict=True))


@pytest.mark.parametrize("depth", [WINDOW // 2, 333, len(NOTES)])
def test_logits_are_the_same_cold_and_from_a_checkpoint(provider: LlamaCppProvider, depth: int) -> None:
    job = make_job(provider, NOTES + "How many?")
    cold = logits(provider, job)
    provider.cancel(job.id)
    source = replace(make_job(provider, NOTES + "Which ones?"), checkpoints=(depth,))
    logits(provider, source)
    prefix = provider.keep(source.id)
    assert prefix is not None
    assert depth - 64 < len(prefix.tokens) <= depth
    again = make_job(provider, NOTES + "How many?")
    warm = logits(provider, again, Reuse(prefix, len(prefix.tokens)))
    provider.cancel(again.id)
    provider.release(prefix)
    assert all(np.array_equal(one, other) for one, other in zip(cold, warm, strict=True))
