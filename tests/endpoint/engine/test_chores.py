"""What an idle engine does, and when it has nothing to do any more."""

from __future__ import annotations

from dataclasses import dataclass, field

from endpoint.cache.disk.store import DiskEvent
from endpoint.engine.chores import IDLE_BEAT_S, Chores, Upkeep
from endpoint.engine.idling import GRACE_S
from endpoint.engine.standing import Vitals
from endpoint.engine.starting import JobStarter
from endpoint.engine.tiers import PrefixTiers
from endpoint.providers import fake
from endpoint.providers.base import Job, Sampling
from endpoint.providers.options import LoadOptions
from tests.endpoint.engine.memory_store import Disk, MemoryStore

TEXT = tuple(b"The keeper counts the ships in the harbour, and writes each one down in a large book.")


class SlowStore(MemoryStore):
    """Writes when it is told to."""

    pending = 0

    @property
    def pending_bytes(self) -> int:
        return self.pending


@dataclass
class Rig:
    """Chores of an engine that nobody talks to; `events`: what the store has reported."""

    unload_after_s: float = 10.0
    disk: Disk = field(default_factory=Disk)
    events: list[DiskEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SlowStore(self.disk, self.events.append)
        self.provider = fake.load("echo", LoadOptions(), lambda _share: None)
        self.tiers = PrefixTiers(self.provider, 1 << 20, self.store)
        self.starter = JobStarter(self.provider, self.tiers)
        self.chores = Chores(self.starter, self.tiers, Upkeep(self.unload_after_s), Vitals())
        self.disk.open("", {}, self.events.append)

    def hold(self, tokens: tuple[int, ...]) -> None:
        self.hear()
        job = Job(1, tokens, 1, Sampling())
        self.starter.try_start(job, ())
        while self.provider.computed(job.id) < len(tokens):
            self.provider.step()
        self.starter.end(job, (), ())

    def hear(self) -> None:
        """As the loop does with what comes from the store."""
        while self.events:
            self.tiers.take(self.events.pop(0))

    def until_done(self, quiet_s: float, most: int = 50) -> bool:
        for _ in range(most):
            self.hear()
            if self.chores.step(quiet_s):
                return True
        return False


def test_it_waits_no_longer_than_until_the_model_may_go() -> None:
    rig = Rig()
    rig.hear()
    rig.chores.step(7.0)
    assert rig.chores.choose_wait(7.0) == IDLE_BEAT_S
    assert rig.chores.choose_wait(9.5) == 0.5
    assert rig.chores.choose_wait(99.0) == GRACE_S


def test_the_model_stays_until_its_time_is_up_and_for_ever_without_one() -> None:
    assert not Rig().until_done(9.9)
    assert Rig().until_done(10.0)
    assert not Rig(unload_after_s=0.0).until_done(1e9)


def test_all_that_is_held_is_saved_before_the_model_goes() -> None:
    rig = Rig()
    rig.hold(TEXT)
    assert rig.until_done(10.0)
    assert [state.tokens for state in rig.disk.states.values()] == [TEXT]


def test_the_model_stays_while_something_is_being_written() -> None:
    rig = Rig()
    rig.hold(TEXT)
    rig.store.pending = 1
    assert not rig.until_done(10.0)
    rig.store.pending = 0
    assert rig.until_done(10.0)


def test_a_disk_that_takes_nothing_keeps_no_model() -> None:
    rig = Rig(disk=Disk(is_full=True))
    rig.hold(TEXT)
    assert rig.until_done(10.0)
    assert not rig.disk.states


def test_an_answer_that_is_to_be_prefilled_comes_first() -> None:
    rig = Rig()
    rig.hear()
    rig.chores.prefill.note(TEXT, TEXT)
    assert not rig.chores.step(10.0)
    assert rig.chores.prefill.is_running
