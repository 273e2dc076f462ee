"""Log-probabilities on the real model against a forward pass of our own over the same tokens."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import replace

import llama_cpp.llama_cpp as ll
import numpy as np
import numpy.typing as npt
import pytest

from endpoint.providers.base import Failed, Sampled, Sampling
from endpoint.providers.chunks import LARGEST
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.llamacpp.sizing import choose_attention
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.providers.options import LoadOptions, Speculation
from tests.endpoint.providers.driving import GREEDY, make_job, run

TEXT = "The capital of France is Paris. The capital of Italy is Rome. The capital of Spain is"
SONG = "The keeper counted the ships that passed, and wrote each one down in a large blue book. " * 4 + "The keeper"
CONTEXT = 512


@pytest.fixture(scope="module")
def provider() -> Iterator[LlamaCppProvider]:
    loaded = load(
        "starter",
        LoadOptions(n_ctx=CONTEXT, parallel=4, threads=1, speculation=Speculation.ON),
        lambda _share: None,
    )
    yield loaded
    loaded.close()


class _Reference:
    """The same model in a context of its own."""

    def __init__(self) -> None:
        self._model = ll.llama_model_load_from_file(str(locate_model("starter")).encode(), _model_params())
        params = ll.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = CONTEXT
        params.n_threads = params.n_threads_batch = 1
        heads, on_gpu = int(ll.llama_model_n_head(self._model)), bool(ll.llama_supports_gpu_offload())
        flash = choose_attention(CONTEXT, heads, LARGEST, on_gpu=on_gpu).flash  # the two kinds differ by up to 0.1
        params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_AUTO if flash else ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = ll.llama_init_from_model(self._model, params)
        self._n_vocab = ll.llama_vocab_n_tokens(ll.llama_model_get_vocab(self._model))

    def score(self, tokens: Sequence[int]) -> npt.NDArray[np.float64]:
        """log softmax after each token."""
        ll.llama_memory_clear(ll.llama_get_memory(self._context), True)
        batch = ll.llama_batch_init(len(tokens), 0, 1)
        for place, token in enumerate(tokens):
            batch.token[place], batch.pos[place], batch.logits[place] = token, place, True
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
        batch.n_tokens = len(tokens)
        assert ll.llama_decode(self._context, batch) == 0
        ll.llama_batch_free(batch)
        return np.stack([self._log_softmax(place) for place in range(len(tokens))])

    def close(self) -> None:
        ll.llama_free(self._context)
        ll.llama_model_free(self._model)

    def _log_softmax(self, place: int) -> npt.NDArray[np.float64]:
        pointer = ll.llama_get_logits_ith(self._context, place)
        values = (ctypes.c_float * self._n_vocab).from_address(ctypes.addressof(pointer.contents))
        logits = np.array(values, np.float64)
        result: npt.NDArray[np.float64] = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        return result


def _model_params() -> ll.llama_model_params:
    params = ll.llama_model_default_params()
    params.n_gpu_layers = 0
    return params


@pytest.fixture(scope="module")
def reference(provider: LlamaCppProvider) -> Iterator[_Reference]:
    made = _Reference()
    yield made
    made.close()


def ask(
    provider: LlamaCppProvider, text: str, count: int, *, sampling: Sampling = GREEDY, scores: bool = False
) -> tuple[tuple[int, ...], list[TokenLogprobs], tuple[TokenLogprobs, ...]]:
    """The prompt's tokens, what was told of `count` drawn ones, and of the prompt."""
    job = replace(make_job(provider, text, count, sampling), logprobs=3, scores_prompt=scores)
    provider.submit(job)
    told: list[TokenLogprobs] = []
    prompt: tuple[TokenLogprobs, ...] = ()
    while len(told) < count:
        for event in provider.step():
            assert not isinstance(event, Failed), event.message
            if event.job_id == job.id:
                told.append(_checked(event))
                prompt += event.prompt
    provider.cancel(job.id)
    return job.tokens, told[:count], prompt


def _checked(event: Sampled) -> TokenLogprobs:
    assert event.logprobs is not None
    assert event.logprobs.token == event.token
    return event.logprobs


def compare(provider: LlamaCppProvider, told: Sequence[TokenLogprobs], expected: npt.NDArray[np.float64]) -> None:
    near = 1e-3 if provider.caps.batch_invariant else 0.1  # other libraries round by the batch
    for each, row in zip(told, expected, strict=True):
        assert each.logprob == pytest.approx(row[each.token], abs=near)
        best = np.sort(row)[::-1][: len(each.top)]
        assert [logprob for _, logprob in each.top] == pytest.approx(best, abs=near)


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(temperature=1.5, top_k=50, seed=3, repeat_penalty=1.3)])
def test_drawn_tokens_have_the_models_own_however_they_were_drawn(
    provider: LlamaCppProvider, reference: _Reference, sampling: Sampling
) -> None:
    prompt, told, _ = ask(provider, TEXT, 8, sampling=sampling)
    expected = reference.score([*prompt, *(each.token for each in told)])
    compare(provider, told, expected[len(prompt) - 1 : -1])


def test_drafted_tokens_have_them_too(provider: LlamaCppProvider, reference: _Reference) -> None:
    run(provider, make_job(provider, SONG, 12))  # learns what steps cost
    before = provider.stats().accepted_tokens
    for _ in range(20):  # whether a draft pays is a matter of what steps have cost
        prompt, told, _ = ask(provider, SONG, 24)
        expected = reference.score([*prompt, *(each.token for each in told)])
        compare(provider, told, expected[len(prompt) - 1 : -1])
        if provider.stats().accepted_tokens > before:
            return
    raise AssertionError("no draft was ever accepted")


def test_a_prompts_tokens_are_scored(provider: LlamaCppProvider, reference: _Reference) -> None:
    prompt, told, scores = ask(provider, SONG, 1, scores=True)
    expected = reference.score(prompt)
    compare(provider, scores[1:], expected[:-1])
    compare(provider, told, expected[-1:])


def test_a_prompts_tokens_are_scored_beside_running_rows(provider: LlamaCppProvider, reference: _Reference) -> None:
    other = make_job(provider, "Once upon a time", 200)
    provider.submit(other)
    prompt, _, scores = ask(provider, SONG, 1, scores=True)
    provider.cancel(other.id)
    assert (scores[0].token, scores[0].logprob) == (prompt[0], None)
    assert tuple(each.token for each in scores) == prompt
    expected = reference.score(prompt)[:-1]
    errors = [abs((each.logprob or 0) - row[each.token]) for each, row in zip(scores[1:], expected, strict=True)]
    assert float(np.median(errors)) < 0.1  # the other's cells move the sums a little


def test_two_prompts_are_scored_at_once(provider: LlamaCppProvider) -> None:
    jobs = [replace(make_job(provider, text, 1), logprobs=0, scores_prompt=True) for text in (TEXT, SONG)]
    for job in jobs:
        provider.submit(job)
    scored: dict[int, tuple[TokenLogprobs, ...]] = {}
    while len(scored) < 2:
        for event in provider.step():
            assert isinstance(event, Sampled)
            scored.setdefault(event.job_id, event.prompt)
    for job in jobs:
        provider.cancel(job.id)
        assert tuple(each.token for each in scored[job.id]) == job.tokens


def test_a_forbidden_token_never_comes_and_a_forced_one_always(provider: LlamaCppProvider) -> None:
    best = run(provider, make_job(provider, TEXT, 1))[0]
    for temperature in (0.0, 0.7):
        banned = Sampling(temperature=temperature, top_k=1, logit_bias=((best, -np.inf),))
        assert best not in run(provider, make_job(provider, TEXT, 6, banned))
        forced = Sampling(temperature=temperature, logit_bias=((1234, 100.0),))
        assert run(provider, make_job(provider, TEXT, 3, forced)) == [1234] * 3


def test_a_bias_leaves_the_log_probabilities_as_they_are(provider: LlamaCppProvider, reference: _Reference) -> None:
    prompt, told, _ = ask(provider, TEXT, 1, sampling=Sampling(temperature=0, logit_bias=((1234, 100.0),)))
    compare(provider, told, reference.score(prompt)[-1:])
