"""Held prefixes that share what they have in common: in RAM once, and answered from as if each were whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from endpoint.providers.base import Job, MemoryKind, Prefix, Reuse
from endpoint.providers.chains import MOST_SEGMENTS, read_spans
from endpoint.providers.llamacpp.holding import describe_parts
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.options import LoadOptions
from tests.endpoint.providers.contenders import STARTER, find_model
from tests.endpoint.providers.driving import finish, make_job

BASE = "The keeper counts the ships in the harbour, and writes each one down. " * 8
ENDS = ["How many?", "Which of them was the first to come in, and from where? ", "Who saw them? " * 6]


@pytest.fixture(
    scope="module", params=[MemoryKind.ATTENTION, pytest.param(STARTER, marks=pytest.mark.slow_suite)], ids=str
)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppProvider]:
    model = find_model(("llamacpp", request.param), tmp_path_factory.mktemp("model")).model
    loaded = load(model, LoadOptions(n_ctx=4096, parallel=4, threads=1), lambda _share: None)
    assert isinstance(loaded, LlamaCppProvider)
    yield loaded
    loaded.close()


def job(provider: LlamaCppProvider, text: str) -> Job:
    return make_job(provider, text, 24)


def run(provider: LlamaCppProvider, wanted: Job, reuse: Reuse | None = None) -> list[int]:
    assert provider.submit(wanted, reuse) == (0 if reuse is None else reuse.depth)
    return finish(provider, [wanted])[wanted.id]


def compute(provider: LlamaCppProvider, text: str, base: Reuse | None = None, source: Reuse | None = None) -> Prefix:
    """Hold a text's state, but for its last token's."""
    wanted = replace(job(provider, text), max_tokens=1)
    provider.submit(wanted, source)
    while not any(event.job_id == wanted.id for event in provider.step()):
        pass
    before, weight = provider.held_bytes(), provider.weigh(wanted.id, base)
    prefix = provider.keep(wanted.id, base)
    assert prefix is not None
    assert provider.held_bytes() - before <= weight <= 1.1 * (provider.held_bytes() - before) + 70_000
    return prefix


def chain(provider: LlamaCppProvider, texts: list[str]) -> list[Prefix]:
    """Each built upon the one before, as far as they are the same."""
    held = [compute(provider, texts[0])]
    for text in texts[1:]:
        base = Reuse(held[-1], shared(held[-1], job(provider, text)))
        held.append(compute(provider, text, base, base))
    return held


def shared(prefix: Prefix, wanted: Job) -> int:
    count = next(
        (place for place, (one, two) in enumerate(zip(prefix.tokens, wanted.tokens, strict=False)) if one != two),
        min(len(prefix.tokens), len(wanted.tokens)),
    )
    return min(count, len(wanted.tokens) - 1)


def test_what_two_prefixes_have_in_common_is_held_once(provider: LlamaCppProvider) -> None:
    base = compute(provider, BASE)
    whole = provider.held_bytes()
    per_token = whole / len(base.tokens)
    ends = [compute(provider, BASE + end, Reuse(base, len(base.tokens) - 1)) for end in ENDS]
    own = sum(len(end.tokens) - len(base.tokens) + 1 for end in ends)
    assert provider.held_bytes() - whole < 1.2 * own * per_token
    provider.release(base)
    assert provider.held_bytes() > 0.9 * whole
    for end in ends:
        provider.release(end)
    assert provider.held_bytes() == 0


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_behind_a_chain_is_the_cold_one(provider: LlamaCppProvider, end: str) -> None:
    cold = run(provider, job(provider, BASE + end))
    held = chain(provider, [BASE[: len(BASE) // 2], BASE, BASE + ENDS[2]])
    wanted = job(provider, BASE + end)
    depth = shared(held[-1], wanted)
    assert depth > len(provider.tokenizer.encode(BASE, add_bos=True)) - 3
    assert run(provider, wanted, Reuse(held[-1], depth)) == cold
    half, again = (job(provider, BASE[: len(BASE) // 3] + end) for _ in range(2))
    assert run(provider, half, Reuse(held[-1], shared(held[-1], half))) == run(provider, again)
    for prefix in held:
        provider.release(prefix)
    assert provider.stats().cells_used == 0


def test_a_chain_that_was_saved_answers_as_before(provider: LlamaCppProvider) -> None:
    held = chain(provider, [BASE, BASE + ENDS[2]])
    state = provider.save(held[-1])
    wanted = job(provider, BASE + ENDS[2] + ENDS[0])
    reuse = Reuse(held[-1], shared(held[-1], wanted))
    before = run(provider, wanted, reuse)
    for prefix in held:
        provider.release(prefix)
    again = provider.restore(state)
    assert again is not None
    assert len(state.parts) == 2
    assert run(provider, job(provider, BASE + ENDS[2] + ENDS[0]), Reuse(again, reuse.depth)) == before
    provider.release(again)


@pytest.mark.parametrize("moved", [(-5, 0), (5, 0), (5, 5), (-5, -5)])
def test_a_segment_that_is_not_where_the_layout_says_is_not_answered_from(
    provider: LlamaCppProvider, moved: tuple[int, int]
) -> None:
    cold = run(provider, job(provider, BASE + ENDS[2] + ENDS[0]))
    held = chain(provider, [BASE, BASE + ENDS[2]])
    state = provider.save(held[-1])
    for prefix in held:
        provider.release(prefix)
    (_, end), (start, last) = read_spans(json.loads(state.layout)["spans"], len(state.tokens))
    spans = [[0, end + moved[1]], [start + moved[0], last]]
    false = provider.restore(replace(state, layout=describe_parts(state.parts, spans)))
    if false is not None:
        wanted = job(provider, BASE + ENDS[2] + ENDS[0])
        assert provider.submit(wanted, Reuse(false, len(false.tokens) - 1)) == 0
        assert finish(provider, [wanted])[wanted.id] == cold
        provider.release(false)


def test_a_short_fork_of_a_long_prefix_does_not_hold_all_of_it(provider: LlamaCppProvider) -> None:
    long = compute(provider, BASE * 4)
    per_token = provider.held_bytes() / len(long.tokens)
    fork = compute(provider, BASE, Reuse(long, len(long.tokens) // 8))
    provider.release(long)
    assert provider.held_bytes() < 1.1 * len(fork.tokens) * per_token
    provider.release(fork)


def test_a_chain_does_not_grow_without_end(provider: LlamaCppProvider) -> None:
    texts = [BASE + "And one more came in. " * 2 * number for number in range(MOST_SEGMENTS + 2)]
    held = chain(provider, texts)
    assert max(len(provider.save(prefix).parts) for prefix in held) == MOST_SEGMENTS
    for prefix in held:
        provider.release(prefix)
    assert provider.held_bytes() == 0
