"""The llama.cpp provider with the real starter model: what the contract suite can't ask of all providers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.providers.base import Sampling
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.driving import finish, make_job, run

STORY = "The lighthouse keeper counted the ships that passed, and wrote each one down in a large blue book. " * 6
QUESTION = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"


def open_starter(n_ctx: int, parallel: int) -> LlamaCppProvider:
    return load("starter", LoadOptions(n_ctx=n_ctx, parallel=parallel, threads=1), lambda _share: None)


@pytest.fixture(scope="module")
def starter() -> Iterator[LlamaCppProvider]:
    provider = open_starter(2048, 4)
    yield provider
    provider.close()


def text_of(provider: LlamaCppProvider, tokens: list[int]) -> str:
    return b"".join(map(provider.tokenizer.piece, tokens)).decode("utf-8", "replace")


def test_a_real_model_answers(starter: LlamaCppProvider) -> None:
    assert "Paris" in text_of(starter, run(starter, make_job(starter, QUESTION)))


def test_the_template_and_its_tokens_come_from_the_file(starter: LlamaCppProvider) -> None:
    assert starter.info.chat_template is not None
    assert (starter.info.bos_text, starter.info.eos_text) == ("<|im_start|>", "<|im_end|>")


def test_special_tokens_in_a_text_are_recognised_and_end_tokens_known(starter: LlamaCppProvider) -> None:
    tokens = starter.tokenizer.encode("<|im_end|>", add_bos=False)
    assert len(tokens) == 1
    assert starter.tokenizer.is_end(tokens[0])
    assert starter.tokenizer.piece(tokens[0]) == b""


def test_different_seeds_give_different_texts(starter: LlamaCppProvider) -> None:
    answers = {tuple(run(starter, make_job(starter, "Once", 12, Sampling(seed=seed)))) for seed in range(4)}
    assert len(answers) > 1


def test_top_k_of_one_is_greedy(starter: LlamaCppProvider) -> None:
    greedy = run(starter, make_job(starter, QUESTION))
    assert run(starter, make_job(starter, QUESTION, sampling=Sampling(temperature=1, top_k=1, seed=5))) == greedy


def test_a_presence_penalty_stops_repetition(starter: LlamaCppProvider) -> None:
    prompt = "la la la la la la la la"
    plain = run(starter, make_job(starter, prompt, 24))
    punished = run(
        starter, make_job(starter, prompt, 24, Sampling(temperature=0, presence_penalty=2, frequency_penalty=2))
    )
    assert len(set(punished)) > len(set(plain))


def test_rows_that_run_out_of_cells_wait_and_still_finish() -> None:
    provider = open_starter(256, 4)
    try:
        jobs = [
            make_job(provider, f"{name} " * 60, max_tokens=80, sampling=Sampling(seed=1))
            for name in ("red", "blue", "sun")
        ]
        needed = sum(len(job.tokens) + job.max_tokens for job in jobs)
        assert needed > provider.info.n_ctx
        for job in jobs:
            provider.submit(job)
        seen: set[tuple[int, bool]] = set()

        def watch(_step: int) -> None:
            stats = provider.stats()
            seen.add((stats.parked_rows, stats.parked_bytes > 0))

        tokens = finish(provider, jobs, watch)
        assert provider.stats().parkings > 0, "cells never ran out: the test shows nothing"
        assert (1, True) in seen
        assert all(held == (rows > 0) for rows, held in seen)
        assert all(tokens.values())
        assert provider.capacity().cells == provider.info.n_ctx
        assert provider.stats().prefilled_tokens == sum(len(job.tokens) for job in jobs), "none was prefilled again"
    finally:
        provider.close()


GREEDY, SEEDED = Sampling(temperature=0), Sampling(temperature=0.9, seed=3)


@pytest.mark.parametrize(
    ("sampling", "count", "copied"),
    # Prefilled again, an answer's tokens are computed many at once, which rounds differently: equal for a while only.
    [(GREEDY, 60, True), (SEEDED, 60, True), (GREEDY, 10, False)],
)
def test_a_row_that_was_parked_says_what_it_would_have_said(
    starter: LlamaCppProvider, sampling: Sampling, count: int, *, copied: bool
) -> None:
    job = make_job(starter, STORY + QUESTION, count, sampling)
    undisturbed = run(starter, make_job(starter, STORY + QUESTION, count, sampling))
    starter.submit(job)
    prefilled = starter.stats().prefilled_tokens

    def disturb(step: int) -> None:
        if step in {1, 8, 9}:
            starter._parking.park(starter._rows[job.id])
            if not copied:
                starter._parking.forget(job.id)

    assert finish(starter, [job], disturb)[job.id] == undisturbed
    assert (starter.stats().prefilled_tokens - prefilled == len(job.tokens)) is copied


def test_a_row_that_is_cancelled_while_parked_leaves_nothing(starter: LlamaCppProvider) -> None:
    job = make_job(starter, QUESTION)
    starter.submit(job)
    starter.step()
    starter._parking.park(starter._rows[job.id])
    assert starter.stats().parked_bytes > 0
    assert starter.computed(job.id) == 0
    starter.cancel(job.id)
    assert starter.stats().parked_bytes == starter.stats().parked_rows == starter.stats().cells_used == 0
    assert starter.capacity().rows == starter.caps.max_parallel


def test_a_truncated_file_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(locate_model("starter").read_bytes()[:5_000_000])
    with pytest.raises(LoadError, match=r"can't load .*half\.gguf: .*(not within|corrupted|incomplete|bounds)"):
        load(str(path), LoadOptions(), lambda _share: None)


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "header.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00")
    with pytest.raises(LoadError, match="can't load"):
        load(str(path), LoadOptions(), lambda _share: None)
