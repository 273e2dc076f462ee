"""Held prefixes that begin alike, on each provider: what they share is held once, and each answers as a whole one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from endpoint.contract import ModelRef
from endpoint.providers.base import Prefix, Provider, Reuse
from tests.endpoint.providers.contenders import ALL, find_model
from tests.endpoint.providers.driving import finish, hold, make_job, opened, run

STORY = "The lighthouse keeper counted the ships that passed, and wrote each one down in a large blue book. " * 4
TURNS = (
    STORY + "Then it rained for a whole week. ",
    STORY + "At night he lit the lamp. ",
    STORY + "At night he lit the lamp. In the morning he slept, ",
)
"""The second one goes on elsewhere than the first: a segment is cut."""
QUESTION = TURNS[-1] + "and how many"
ANSWER = 40


def hold_chain(provider: Provider) -> list[Prefix]:
    """Each turn's state upon that of the one before, as the engine computes them."""
    held = [hold(provider, make_job(provider, TURNS[0], 1))]
    for turn in TURNS[1:]:
        job = make_job(provider, turn, 1)
        reuse = Reuse(held[-1], count_common(held[-1].tokens, job.tokens[:-1]))
        provider.submit(job, reuse)
        while not provider.step():
            pass
        prefix = provider.keep(job.id, reuse)
        assert prefix is not None
        held.append(prefix)
    return held


def count_common(one: tuple[int, ...], two: tuple[int, ...]) -> int:
    shorter = min(len(one), len(two))
    return next((place for place in range(shorter) if one[place] != two[place]), shorter)


def answer_from(provider: Provider, prefix: Prefix, share: float = 1.0) -> list[int]:
    job = make_job(provider, QUESTION, ANSWER)
    depth = int(count_common(prefix.tokens, job.tokens[:-1]) * share)
    assert provider.submit(job, Reuse(prefix, depth)) == depth
    return finish(provider, [job])[job.id]


def release(provider: Provider, held: list[Prefix]) -> None:
    for prefix in held:
        provider.release(prefix)
    assert provider.held_bytes() == 0


def test_a_chain_answers_as_a_cold_start_from_any_depth(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION, ANSWER))
    held = hold_chain(provider)
    assert [answer_from(provider, held[-1], share) for share in (1.0, 0.97, 0.9, 0.3)] == [cold] * 4
    release(provider, held)


def test_a_chain_is_lent_without_what_was_cut_away(provider: Provider) -> None:
    held = [*hold_chain(provider), hold(provider, make_job(provider, TURNS[-1], 1))]
    jobs = [make_job(provider, QUESTION, 1) for _ in range(2)]
    for job, prefix in zip(jobs, held[-2:], strict=True):
        provider.submit(job, Reuse(prefix, count_common(prefix.tokens, job.tokens[:-1])))
    from_chain, from_whole = (provider.weigh(job.id) for job in jobs)
    assert from_chain == from_whole > 0
    for job in jobs:
        provider.cancel(job.id)
    release(provider, held)


def test_the_rest_of_a_chain_answers_when_what_it_was_built_on_is_released(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION, ANSWER))
    held = hold_chain(provider)
    for prefix in held[:-1]:
        provider.release(prefix)
    assert answer_from(provider, held[-1]) == cold
    release(provider, held[-1:])


def test_a_fork_takes_the_room_of_its_own_tokens(provider: Provider) -> None:
    base = hold(provider, make_job(provider, STORY, 1))
    each = provider.held_bytes() / len(base.tokens)
    forks = []
    for ending in ("He had a cat.", "She had a boat.", "They had a song."):
        job = make_job(provider, STORY + ending, 1)
        reuse = Reuse(base, count_common(base.tokens, job.tokens[:-1]))
        provider.submit(job, reuse)
        while not provider.step():
            pass
        before, weight = provider.held_bytes(), provider.weigh(job.id, reuse)
        forks.append(provider.keep(job.id, reuse))
        prefix, grown = forks[-1], provider.held_bytes() - before
        assert prefix is not None
        assert grown <= (len(prefix.tokens) - reuse.depth) * each * 1.5
        assert grown <= weight <= grown * 1.1
    release(provider, [base, *(fork for fork in forks if fork is not None)])


def test_prefixes_that_share_may_be_released_in_any_order(provider: Provider) -> None:
    for order in permutations(range(len(TURNS))):
        held = hold_chain(provider)
        release(provider, [held[place] for place in order])


def test_a_saved_chain_answers_as_before(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION, ANSWER))
    held = hold_chain(provider)
    state = provider.save(held[-1])
    alone = held[-1].tokens
    release(provider, held)
    again = provider.restore(state)
    assert again is not None
    assert again.tokens == alone
    assert provider.save(again).layout == state.layout, "it is no chain any more"
    assert answer_from(provider, again) == cold
    release(provider, [again])


def test_a_chain_whose_layout_lies_is_refused_or_computed_again(provider: Provider) -> None:
    cold = run(provider, make_job(provider, QUESTION, ANSWER))
    held = hold_chain(provider)
    state = provider.save(held[-1])
    seam = str(count_common(held[0].tokens, held[1].tokens))
    assert seam in state.layout
    release(provider, held)
    for number in (str(int(seam) - 3), str(int(seam) + 3), "0", "-1", "null", "[]"):
        false = provider.restore(replace(state, layout=state.layout.replace(seam, number)))
        if false is not None:
            job = make_job(provider, QUESTION, ANSWER)
            provider.submit(job, Reuse(false, len(false.tokens) - 1))
            assert finish(provider, [job])[job.id] == cold
            provider.release(false)
    assert provider.held_bytes() == 0


@pytest.fixture(scope="module", params=ALL)
def any_memory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    model: ModelRef = find_model(request.param, tmp_path_factory.mktemp("model"))
    with opened(model, n_ctx=1024) as loaded:
        yield loaded


def test_what_a_copy_weighs_is_known_before_it_is_made(any_memory: Provider) -> None:
    job = make_job(any_memory, STORY, 12)
    depths = () if any_memory.caps.trimmable else (len(job.tokens) // 2, len(job.tokens) - 1)
    job = replace(job, checkpoints=depths)
    any_memory.submit(job)
    drawn = 0
    while drawn < 12:
        drawn += len(any_memory.step())
    before, weight = any_memory.held_bytes(), any_memory.weigh(job.id)
    prefix = any_memory.keep(job.id)
    assert prefix is not None
    assert any_memory.held_bytes() - before <= weight <= 1.1 * any_memory.save(prefix).size
    release(any_memory, [prefix])


def test_nothing_weighs_nothing(any_memory: Provider) -> None:
    job = make_job(any_memory, STORY)
    assert any_memory.weigh(10**9) == 0
    any_memory.submit(job)
    assert any_memory.weigh(job.id) == 0
    any_memory.cancel(job.id)
