from __future__ import annotations

from endpoint.cache.keys import Key, KeyRing
from endpoint.cache.prefixes import PrefixCache
from endpoint.cache.report import Shortfall
from tests.endpoint.cache.test_prefixes import Holder

A = tuple(range(100))
LONGER = (*A, *range(200, 260))
OTHER = tuple(range(1_000, 1_100))


class Rig:
    def __init__(self, budget: int = 10_000) -> None:
        self.holder = Holder()
        self.lost: list[tuple[int, ...]] = []
        self.cache = PrefixCache(self.holder, trimmable=True, budget_bytes=budget, on_loss=self._note)
        self.keys = KeyRing(self.cache)

    def hold(self, number: int, tokens: tuple[int, ...]) -> None:
        self.cache.add(self.holder.hold(number, tokens), len(tokens))

    def key(self, name: str, tokens: tuple[int, ...], now: float = 0.0) -> Key:
        key = self.keys.use(name, now)
        self.keys.stand_for(key, tokens)
        return key

    def _note(self, tokens: tuple[int, ...], why: Shortfall) -> None:
        assert why is Shortfall.EVICTED
        self.lost.append(tokens)


def test_a_pinned_prefix_stays_when_a_longer_one_contains_it() -> None:
    rig = Rig()
    rig.hold(1, A)
    rig.key("base", A)
    rig.hold(2, LONGER)
    assert set(rig.holder.ram) == {1, 2}


def test_a_key_that_goes_on_lets_go_of_what_it_pinned() -> None:
    rig = Rig()
    rig.hold(1, A)
    key = rig.key("chat", A)
    rig.hold(2, LONGER)
    rig.keys.stand_for(key, LONGER)
    assert set(rig.holder.ram) == {2}
    assert key.held == 2
    assert rig.lost == []


def test_a_prefix_that_two_keys_pin_stays_until_both_have_gone() -> None:
    rig = Rig()
    rig.hold(1, A)
    rig.key("one", A)
    rig.key("two", A)
    rig.hold(2, LONGER)
    rig.keys.drop("one")
    assert set(rig.holder.ram) == {1, 2}
    rig.keys.drop("two")
    assert set(rig.holder.ram) == {2}


def test_what_no_key_names_goes_first_however_new_it_is() -> None:
    rig = Rig(budget=250)
    rig.hold(1, A)
    rig.key("agent", A)
    rig.hold(2, OTHER)
    rig.hold(3, tuple(range(2_000, 2_100)))
    assert set(rig.holder.ram) == {1, 3}
    assert rig.lost == [OTHER]


def test_when_all_are_named_the_least_recently_used_goes_and_its_key_stays() -> None:
    rig = Rig(budget=150)
    rig.hold(1, A)
    key = rig.key("old", A)
    assert rig.cache.make_room(len(OTHER))
    rig.hold(2, OTHER)
    assert set(rig.holder.ram) == {2}
    assert rig.keys.prefix_of(key) is None
    assert key.tokens == A


def test_a_key_pins_the_greater_part_of_its_tokens_and_nothing_less() -> None:
    rig = Rig()
    rig.hold(1, A)
    assert rig.key("more", (*A, 7, 8)).held == 1
    assert rig.key("else", (*A[:40], *OTHER)).held is None


def test_its_time_begins_anew_with_each_use() -> None:
    rig = Rig()
    rig.key("short", A, now=0.0).ttl_s = 10
    rig.keys.use("short", 8.0)
    assert rig.keys.take_due(17.9) == []
    assert [key.name for key in rig.keys.take_due(18.0)] == ["short"]
    assert rig.keys.expired_at("short") == 18.0


def test_the_default_goes_with_its_key() -> None:
    rig = Rig()
    rig.key("main", A)
    rig.keys.default = "main"
    rig.keys.drop("main")
    assert rig.keys.default is None


def test_a_key_of_before_does_not_replace_one_that_is_there() -> None:
    rig = Rig()
    now = rig.key("agent", A)
    rig.keys.restore(Key("agent", 0.0, 0.0))
    assert rig.keys.find("agent") is now


def test_names_are_bounded_in_bytes() -> None:
    rig = Rig()
    for number in range(3):
        rig.key(f"key {number}", (0,) * 3_000_000)
    assert [key.name for key in rig.keys.keep_to_bounds()] == ["key 0"]


def test_another_provider_whose_ids_begin_anew_is_not_taken_for_the_old_one() -> None:
    rig = Rig()
    rig.hold(1, A)
    key = rig.key("base", A)
    rig.cache.clear(Shortfall.EVICTED)
    rig.cache.attach(Holder())
    rig.keys.let_go()
    rig.hold(1, OTHER)
    assert rig.keys.prefix_of(key) is None
    assert key.tokens == A
    (other,) = rig.cache
    assert not rig.cache.is_pinned(other)
