from __future__ import annotations

from endpoint.providers.tally import ByteTally


def test_what_two_hold_is_counted_once_until_both_have_let_go() -> None:
    tally, shared, own = ByteTally(), bytearray(100), bytearray(100)
    tally.hold([shared, own])
    tally.hold([shared])
    assert tally.bytes == 200
    tally.let_go([shared, own])
    assert tally.bytes == 100
    tally.let_go([shared])
    assert tally.bytes == 0
