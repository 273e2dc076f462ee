from __future__ import annotations

import pytest

from endpoint.cache.residency import WORTH_KEEPING
from endpoint.engine.idling import REMEMBERED, IdlePrefill
from endpoint.engine.starting import JobStarter, Started
from endpoint.engine.tiers import PrefixTiers
from endpoint.providers import fake
from endpoint.providers.base import Job, Sampling
from endpoint.providers.options import LoadOptions

PROMPT = tuple(b"user: how many ships lie in the harbour tonight? assistant: ")
ANSWER = tuple(b"There are seven ships, and an eighth that came in with the evening tide.")


class Rig:
    def __init__(self, model: str = "echo") -> None:
        self.provider = fake.load(model, LoadOptions(), lambda _share: None)
        self.starter = JobStarter(self.provider, PrefixTiers(self.provider, 1 << 20))
        self.idle = IdlePrefill(self.starter)

    def work(self, steps: int = 1000) -> int:
        """As the loop does; how many steps it took."""
        self.idle.begin()
        for done in range(steps):
            if not self.idle.is_running:
                return done
            self.idle.take(self.provider.step())
        return steps

    def cached(self, tokens: tuple[int, ...]) -> int:
        started = self.starter.try_start(Job(1, tokens, 8, Sampling()), ())
        assert isinstance(started, Started)
        self.provider.cancel(1)
        return started.report.cached


@pytest.mark.parametrize("model", ["echo", "echo,hybrid=1"])
def test_the_next_turn_finds_the_answer_prefilled(model: str) -> None:
    rig = Rig(model)
    rig.idle.note(PROMPT, ANSWER)
    assert rig.idle.has_work
    rig.work()
    assert rig.cached((*PROMPT, *ANSWER, *b" user: and now?")) >= len(PROMPT) + len(ANSWER) - 1
    assert rig.provider.stats().cells_used == 0


def test_a_short_answer_is_not_worth_it() -> None:
    rig = Rig()
    rig.idle.note(PROMPT, ANSWER[: WORTH_KEEPING - 1])
    assert not rig.idle.has_work


def test_what_was_computed_until_a_request_came_is_held() -> None:
    rig = Rig()
    rig.idle.note(PROMPT * 20, ANSWER * 20)
    rig.work(steps=3)
    assert rig.idle.is_running
    rig.idle.stop()
    assert not rig.idle.is_running
    assert rig.cached(PROMPT * 20 + ANSWER * 20) == 3 * fake.CHUNK
    assert rig.provider.capacity().rows == rig.provider.caps.max_parallel


def test_a_conversation_that_has_gone_on_is_not_computed_again() -> None:
    rig = Rig()
    for _ in range(2):
        rig.idle.note(PROMPT, ANSWER)
    assert rig.work() > 0
    assert rig.work() == 0


def test_an_answer_that_fills_the_context_is_left_alone() -> None:
    rig = Rig()
    rig.idle.note((1,) * (rig.provider.info.n_ctx - len(ANSWER)), ANSWER)
    assert rig.work() == 0


def test_only_the_latest_answers_are_remembered() -> None:
    rig = Rig()
    for number in range(REMEMBERED + 3):
        rig.idle.note((number,) * 100, ANSWER)
    while rig.idle.has_work:
        rig.work()
    assert rig.cached((2,) * 100 + ANSWER) == 0
    assert rig.cached((3,) * 100 + ANSWER) > 0


def test_nothing_of_it_is_counted_as_work_for_a_request() -> None:
    rig = Rig()
    rig.idle.note(PROMPT, ANSWER)
    rig.work()
    stats = rig.provider.stats()
    assert (stats.prefilled_tokens, stats.cached_tokens, stats.cache_lookups, stats.cache_hits) == (0, 0, 0, 0)
