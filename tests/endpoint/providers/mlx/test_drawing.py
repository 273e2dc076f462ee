from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import mlx.core as mx
import pytest

from endpoint.providers.base import Failed, Job, Sampled, Sampling
from endpoint.providers.mlx.drawing import TokenDrawer

END = 9
LOGITS = mx.array([0.0, 3.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, -5.0])
GREEDY = Job(1, (0,), 8, Sampling(temperature=0))


class Limit:
    """Allows some tokens, demands others, and may break."""

    def __init__(self, allowed: Sequence[int] = range(10), forced: Sequence[int] = (), *, broken: bool = False) -> None:
        self.allowed, self.pending, self.broken = set(allowed), list(forced), broken
        self.accepted: list[int] = []

    def forced(self) -> Sequence[int]:
        if self.broken:
            raise RuntimeError("no such rule")
        return self.pending

    def allows(self, token: int) -> bool:
        return token in self.allowed

    def mask(self) -> bytes:
        return sum(1 << token for token in self.allowed).to_bytes(4, "little")

    def accept(self, token: int) -> None:
        self.accepted.append(token)
        self.pending = self.pending[1:] if self.pending[:1] == [token] else self.pending


def draw(job: Job, left: int = 8) -> Sequence[Sampled | Failed]:
    drawer = TokenDrawer(10, lambda token: token == END)
    drawer.add(job)
    drawn = drawer.draw_now(job, LOGITS[None], (), left)
    return [drawn] if isinstance(drawn, Failed) else [*drawn.sampled, *drawn.forced]


def test_rows_that_are_all_greedy_and_rows_that_arent_get_a_token_each() -> None:
    drawer = TokenDrawer(10, lambda token: token == END)
    warm = Job(2, (0,), 8, Sampling(temperature=1.0, seed=1, top_k=1))
    for job in (GREEDY, warm):
        drawer.add(job)
    both = mx.stack([LOGITS, -LOGITS])
    assert drawer.draw_lazily([GREEDY, GREEDY], both).tolist() == [1, 9]
    assert drawer.draw_lazily([GREEDY, warm], both).tolist() == [1, 9]


@pytest.mark.parametrize(
    ("job", "lazy"),
    [
        (GREEDY, True),
        (replace(GREEDY, logprobs=0), False),
        (replace(GREEDY, constraint=Limit()), False),
        (replace(GREEDY, sampling=Sampling(presence_penalty=1.0)), False),
        (replace(GREEDY, sampling=Sampling(seed=4)), True),
    ],
)
def test_only_what_needs_no_look_at_the_token_stays_lazy(job: Job, lazy: bool) -> None:
    drawer = TokenDrawer(10, lambda token: token == END)
    drawer.add(job)
    assert drawer.may_stay_lazy(job) is lazy


def test_log_probabilities_are_the_models_own_before_bias() -> None:
    biased = Sampling(temperature=0, logit_bias=((1, -100.0),))
    (told,) = draw(replace(GREEDY, sampling=biased, logprobs=2))
    assert isinstance(told, Sampled)
    assert told.token == 3
    assert told.logprobs is not None
    assert [token for token, _ in told.logprobs.top] == [1, 3]


def test_a_token_that_is_allowed_is_taken_and_else_the_mask_decides() -> None:
    limit = Limit(allowed=(2, 4))
    assert draw(replace(GREEDY, constraint=limit)) == [Sampled(1, 2)]
    assert limit.accepted == [2]


def test_what_must_come_comes_at_once_up_to_the_limit() -> None:
    limit = Limit(forced=(5, 6, 7))
    assert draw(replace(GREEDY, constraint=limit), left=2) == [Sampled(1, 5), Sampled(1, 6)]
    assert limit.accepted == [5, 6]


def test_with_log_probabilities_nothing_comes_without_its_own_logits() -> None:
    limit = Limit(allowed=(5,), forced=(5, 6))
    told = draw(replace(GREEDY, constraint=limit, logprobs=0))
    assert [each.token for each in told if isinstance(each, Sampled)] == [5]


def test_a_broken_constraint_fails_its_own_job() -> None:
    (told,) = draw(replace(GREEDY, constraint=Limit(broken=True)))
    assert told == Failed(1, "The generation was given up: what limits its tokens failed: no such rule")


def test_a_prompt_is_scored_token_by_token() -> None:
    drawer = TokenDrawer(10, lambda token: token == END)
    scores = drawer.score(mx.stack([LOGITS, LOGITS, LOGITS]), (1, 3), 1)
    assert [score.token for score in scores] == [1, 3]
    assert scores[0].logprob == scores[0].top[0][1]
    assert scores[1].logprob == pytest.approx((scores[0].logprob or 0) - 1)


@pytest.mark.parametrize(
    ("draft", "drawn"),
    [((1, 1), [1, 1, 1]), ((1, 3), [1, 1]), ((3, 1), [1]), ((), [1])],
)
def test_a_draft_is_taken_as_far_as_the_model_says_the_same(draft: tuple[int, ...], drawn: list[int]) -> None:
    drawer = TokenDrawer(10, lambda token: token == END)
    drawer.add(GREEDY)
    told = drawer.draw_now(GREEDY, mx.stack([LOGITS] * (1 + len(draft))), draft, 8)
    assert not isinstance(told, Failed)
    assert [each.token for each in told.sampled] == drawn


def test_nothing_is_taken_behind_an_end() -> None:
    drawer = TokenDrawer(10, lambda token: token == END)
    drawer.add(GREEDY)
    told = drawer.draw_now(GREEDY, mx.stack([-LOGITS, LOGITS]), (END,), 8)
    assert not isinstance(told, Failed)
    assert [each.token for each in told.sampled] == [END]
