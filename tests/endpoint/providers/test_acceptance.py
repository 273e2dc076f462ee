from __future__ import annotations

import random

import pytest

from endpoint.providers.acceptance import LENGTHS, Acceptance, StepPlan, choose_length, extend_plan
from endpoint.providers.costs import StepCosts

AMX = {1: 5.0, 2: 9.4, 3: 9.5, 4: 11.1, 6: 12.8, 8: 16.0, 12: 20.1, 16: 21.5}
"""Milliseconds a step, by tokens: measured on two cores with matrix units."""
LINEAR = {tokens: 5.0 * tokens for tokens in AMX}
"""A machine where a batch saves nothing."""
ALONE = StepPlan(1, 1.0)


def costs(curve: dict[int, float]) -> StepCosts:
    made = StepCosts()
    for tokens, milliseconds in curve.items():
        made.learn(tokens, milliseconds / 1000)
    return made


def trained(came_true: bool, tokens: int = 30) -> Acceptance:
    acceptance = Acceptance()
    for _ in range(tokens):
        acceptance.compare([1], 3, [1 if came_true else 2])
        acceptance.compare([1], 16, [1 if came_true else 2])
    return acceptance


def test_a_long_agreement_is_trusted_more_than_a_short_one() -> None:
    assert Acceptance().chance(16) > Acceptance().chance(6) > Acceptance().chance(3)


def test_proposals_that_come_true_make_drafts_longer_up_to_the_longest() -> None:
    assert choose_length(ALONE, trained(True), 16, LENGTHS[-1], costs(AMX)) == LENGTHS[-1]


def test_proposals_that_fail_end_drafts_and_later_ones_that_come_true_bring_them_back() -> None:
    acceptance = trained(False)
    assert choose_length(ALONE, acceptance, 16, LENGTHS[-1], costs(AMX)) == 0
    for _ in range(20):
        acceptance.compare([1, 2, 3], 16, [1])  # not drafted, and would have been right
    assert choose_length(ALONE, acceptance, 16, LENGTHS[-1], costs(AMX)) > 0


def test_nothing_is_drafted_where_a_batch_saves_nothing() -> None:
    assert choose_length(ALONE, trained(True), 16, LENGTHS[-1], costs(LINEAR)) == 0


def test_a_draft_is_never_longer_than_there_is_room() -> None:
    assert choose_length(ALONE, trained(True), 16, 4, costs(AMX)) <= 4
    assert choose_length(ALONE, trained(True), 16, 0, costs(AMX)) == 0


def test_a_draft_never_makes_a_step_longer_than_it_may_be() -> None:
    for limit in (3, 10, 13, 17):
        plan = StepPlan(1, 1.0, limit_s=limit / 1000)
        length = choose_length(plan, trained(True), 16, LENGTHS[-1], costs(AMX))
        assert length == 0 or costs(AMX).cost(1 + length) <= limit / 1000
    assert choose_length(StepPlan(1, 1.0, 0.017), trained(True), 16, LENGTHS[-1], costs(AMX)) > 0


def test_behind_the_first_difference_a_proposal_says_nothing() -> None:
    one, more = Acceptance(), Acceptance()
    one.compare([1], 3, [2])
    more.compare([1, 5, 5], 3, [2, 6, 6])
    assert one.chance(3) == more.chance(3)


def test_each_token_of_a_draft_counts_only_if_all_before_it_come_true() -> None:
    acceptance = Acceptance()
    chance = acceptance.chance(16)
    assert extend_plan(ALONE, acceptance, 16, 2).expected == pytest.approx(1 + chance + chance**2)


def spend(chance: float, steps: int, curve: dict[int, float]) -> float:
    """Milliseconds a token when proposals of a doubtful kind come true with this chance."""
    draw, acceptance, learned = random.Random(3), Acceptance(), costs(curve)
    spent = tokens = 0.0
    for _ in range(steps):
        truth = [1 if draw.random() < chance else 2 for _ in range(16)]
        length = choose_length(ALONE, acceptance, 6, LENGTHS[-1], learned)
        drafted = [1] * length
        right = next((place for place in range(length) if truth[place] != 1), length)
        acceptance.compare(drafted or [1], 6, truth[: right + 1])
        spent += learned.cost(1 + length) * 1000
        tokens += right + 1
    return spent / tokens


def test_text_that_never_repeats_costs_hardly_more_than_without_drafts() -> None:
    assert spend(0.0, 500, AMX) < AMX[1] * 1.02
    assert spend(0.3, 500, AMX) < AMX[1] * 1.03


def test_text_that_repeats_costs_far_less() -> None:
    assert spend(0.95, 500, AMX) < AMX[1] / 2
