from __future__ import annotations

from endpoint.cache.budget import LARGEST, choose_budget


def test_a_quarter_of_what_is_available_is_taken_up_to_a_limit() -> None:
    assert choose_budget(8 << 30) == 2 << 30
    assert choose_budget(512 << 30) == LARGEST
