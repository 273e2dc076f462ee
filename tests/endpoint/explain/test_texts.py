from __future__ import annotations

import random

from endpoint.explain.texts import common_length, common_tokens, count_tokens, pack, part, unpack


def test_tokens_come_out_as_they_were_packed() -> None:
    tokens = [0, 1, 255, 256, 151_935, 2**32 - 1]
    assert list(unpack(pack(tokens))) == tokens
    assert count_tokens(pack(tokens)) == 6


def test_the_common_beginning_is_exact() -> None:
    dice = random.Random(6)
    for _ in range(300):
        base = "".join(dice.choice("ab") for _ in range(dice.randrange(60)))
        one, other = base + "x" * dice.randrange(3), base + "y" * dice.randrange(3)
        shared = len(base) if one[len(base) :] and other[len(base) :] else min(len(one), len(other))
        assert common_length(one, other) == shared


def test_tokens_that_share_some_bytes_are_not_shared() -> None:
    assert common_tokens(pack([1, 2, 0x0100]), pack([1, 2, 0x0200])) == 2


def test_what_is_shown_ends_and_begins_at_the_place() -> None:
    parting = part("a" * 50 + "b" * 90, "a" * 50 + "c")
    assert (parting.at, parting.before) == (50, "a" * 40)
    assert (parting.earlier_behind, parting.new_behind) == ("b" * 60, "c")
