from __future__ import annotations

from endpoint.cache.losses import MOST, MOST_TOKENS, Loss, Losses
from endpoint.cache.report import Shortfall


def test_the_loss_that_shares_most_with_a_prompt_is_found() -> None:
    losses = Losses()
    losses.note(Loss((1, 2, 3), Shortfall.EVICTED))
    losses.note(Loss((1, 2, 3, 4, 5), Shortfall.EXPIRED, "the key expired"))
    found = losses.find((1, 2, 3, 4, 9))
    assert found is not None
    assert (found[0].why, found[0].detail, found[1]) == (Shortfall.EXPIRED, "the key expired", 4)
    assert losses.find((7, 8)) is None


def test_the_oldest_are_forgotten_first() -> None:
    losses = Losses()
    for number in range(MOST + 1):
        losses.note(Loss((number, 1), Shortfall.EVICTED))
    assert losses.find((0, 1)) is None
    assert losses.find((1, 1)) is not None


def test_they_are_bounded_in_tokens_too() -> None:
    losses = Losses()
    half = MOST_TOKENS // 2
    losses.note(Loss((1,) * half, Shortfall.EVICTED))
    losses.note(Loss((2,) * half, Shortfall.EVICTED))
    losses.note(Loss((3,) * 2, Shortfall.EVICTED))
    assert losses.find((1,) * 5) is None
    losses.note(Loss((4,) * (MOST_TOKENS + 1), Shortfall.EVICTED))
    assert losses.find((4,) * 5) is None
