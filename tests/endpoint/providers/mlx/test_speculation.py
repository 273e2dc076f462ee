"""Drafts for a row alone: proposed where they pay, and never a reason for another answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import Event, Failed, Job, MemoryKind, Sampled, Sampling
from endpoint.providers.mlx.decoder import Decoder
from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.speculation import SoloSpeculator
from endpoint.providers.mlx.state import evaluate, make_state
from endpoint.providers.trust import Trust
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.mlx_tokenizer import TOKENS

PROMPT = tuple((7 * place + 11) % 90 + 10 for place in range(30)) * 3
GREEDY = Job(1, PROMPT, 60, Sampling(temperature=0))
SEEDED = replace(GREEDY, sampling=Sampling(temperature=0.8, seed=5))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("model")
    write_tiny_mlx(MemoryKind.ATTENTION, folder)
    return load_model(folder)[0]


class Told(SoloSpeculator):
    """Proposes what it is told, whatever that costs."""

    def __init__(self, answer: Sequence[int], wrong_after: int) -> None:
        super().__init__(Trust.ALL)
        self._answer = answer
        self._wrong_after = wrong_after

    def propose(self, row: Row) -> tuple[int, ...]:
        done = len(row.tokens) - len(row.job.tokens)
        if row.pending != 1 or not done:
            return ()
        right = self._answer[done : done + min(self._wrong_after, row.left - 1)]
        return (*right, 3)[: max(0, row.left - 1)]


def prefilled(model: Any, job: Job) -> Row:
    row = Row(job, state=make_state(model))
    assert row.state is not None
    model(mx.array([row.tokens[:-1]]), cache=row.state)
    evaluate(row.state)
    row.n_past = len(row.tokens) - 1
    return row


def answer(model: Any, job: Job, speculator: SoloSpeculator) -> tuple[list[int], int]:
    """The tokens, and the steps that they took."""
    drawer = TokenDrawer(TOKENS, lambda _token: False)
    drawer.add(job)
    decoder = Decoder(model, drawer, speculator, ahead=False)
    decoder.join(prefilled(model, job))
    events: list[Event] = []
    steps = 0
    while len(events) < job.max_tokens:
        events += decoder.step()
        steps += 1
    assert not any(isinstance(event, Failed) for event in events)
    return [event.token for event in events if isinstance(event, Sampled)], steps


@pytest.mark.parametrize("job", [GREEDY, SEEDED, replace(GREEDY, logprobs=2)])
@pytest.mark.parametrize("wrong_after", [0, 2, 9])
def test_drafts_right_and_wrong_change_nothing_but_the_number_of_steps(model: Any, job: Job, wrong_after: int) -> None:
    plain, steps = answer(model, job, SoloSpeculator(Trust.NOBODY))
    assert steps == len(plain) == job.max_tokens
    drafted, fewer = answer(model, job, Told(plain, wrong_after))
    assert drafted == plain
    assert fewer == steps if wrong_after == 0 else fewer < steps / 2


def ready(trust: Trust = Trust.ALL) -> SoloSpeculator:
    """It knows that sixteen tokens cost little more than one."""
    speculator = SoloSpeculator(trust)
    for tokens, seconds in ((1, 0.1), (16, 0.12)):
        speculator.learn(tokens, seconds)
    return speculator


def answering(job: Job = GREEDY) -> Row:
    """It has begun to say its prompt once more."""
    row = Row(job)
    row.tokens += PROMPT[:6]
    row.n_past = len(row.tokens) - 1
    return row


def test_what_repeats_itself_is_proposed(model: Any) -> None:
    assert ready().propose(answering())[:3] == PROMPT[6:9]


def test_nothing_is_proposed_before_it_is_known_what_a_pass_costs() -> None:
    assert SoloSpeculator(Trust.ALL).propose(answering()) == ()


def test_where_more_tokens_cost_as_much_more_nothing_is_proposed() -> None:
    dear = SoloSpeculator(Trust.ALL)
    for tokens in (1, 2, 3, 5, 16):
        dear.learn(tokens, 0.1 * tokens)
    assert dear.propose(answering()) == ()


def test_only_rows_that_may_have_drafts_get_some() -> None:
    assert ready(Trust.NOBODY).propose(answering()) == ()
    assert ready(Trust.UNSEEDED).propose(answering()) == ()
    assert ready(Trust.UNSEEDED).propose(answering(replace(GREEDY, sampling=Sampling())))


def test_a_draft_leaves_the_last_token_to_be_drawn() -> None:
    assert len(ready().propose(answering(replace(GREEDY, max_tokens=9)))) <= 2


def test_beside_tokens_that_are_certain_and_in_the_prompt_nothing_is_proposed() -> None:
    row = answering()
    row.n_past -= 1
    assert ready().propose(row) == ()
    assert ready().propose(Row(GREEDY, n_past=len(PROMPT) - 1)) == ()


def test_it_counts_and_learns_from_what_came_true() -> None:
    speculator, row = ready(), answering()
    draft = speculator.propose(row)
    speculator.compare(row, draft, (*draft[:1], 3))
    assert (speculator.drafted, speculator.accepted) == (len(draft), 1)
    for _ in range(20):
        speculator.compare(row, speculator.propose(row), (3,))
    assert len(speculator.propose(row)) < len(draft), "its proposals come true no more"
