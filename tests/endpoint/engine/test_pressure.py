"""Short memory: prefixes go first, then new requests are refused, and what runs goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from endpoint.cache.disk.store import DiskEvent
from endpoint.engine.health import MemoryPressure
from endpoint.engine.pressure import LOOK_S, MemoryRelief, MemoryWatch, choose_reserve
from endpoint.engine.saving import PrefixSaver
from endpoint.engine.standing import Vitals
from endpoint.engine.starting import JobStarter
from endpoint.engine.stream import Finish
from endpoint.engine.tiers import PrefixTiers
from endpoint.errors import Overloaded
from endpoint.providers import fake
from endpoint.providers.base import Job, Sampling
from endpoint.providers.options import LoadOptions
from tests.endpoint.engine.memory_store import Disk, MemoryStore
from tests.endpoint.engine.rig import DEADLINE_S, ask, read, running
from tests.endpoint.engine.unloading import until

GB = 10**9
RESERVE = 100_000
PLENTY = 10 * RESERVE
TEXT = tuple(b"The keeper counts the ships in the harbour, and writes each one down in a large book.")


@dataclass
class Gauge:
    """What is free: what it is told, and what held prefixes gave back since."""

    free: int = PLENTY
    looks: int = 0
    gives_back: Callable[[], int] = lambda: 0

    def read(self) -> int:
        self.looks += 1
        return self.free + self.gives_back()


@dataclass
class Rig:
    """Tiers that hold prefixes, and relief for them. Times in seconds."""

    gauge: Gauge = field(default_factory=Gauge)
    disk: Disk = field(default_factory=Disk)
    now: float = 0.0
    events: list[DiskEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = fake.load("echo", LoadOptions(), lambda _share: None)
        store = MemoryStore(self.disk, self.events.append)
        self.tiers = PrefixTiers(self.provider, 1 << 30, store)
        self.disk.open("", {}, self.tiers.take)
        self.starter = JobStarter(self.provider, self.tiers)
        self.vitals = Vitals()
        watch = MemoryWatch(self.gauge.read, RESERVE)
        self.relief = MemoryRelief(watch, self.tiers, PrefixSaver(self.tiers), self.vitals, lambda: self.now)

    def hold(self, number: int) -> None:
        tokens = (number, *TEXT)
        job = Job(number, tokens, 1, Sampling())
        self.starter.try_start(job, ())
        while self.provider.computed(job.id) < len(tokens):
            self.provider.step()
        self.starter.end(job, (), ())

    def look(self, free: int) -> MemoryPressure:
        """What is found a while later, with so much free."""
        self.now += LOOK_S
        held = self.tiers.held_bytes
        self.gauge.free, self.gauge.gives_back = free, lambda: held - self.tiers.held_bytes
        self.relief.check()
        return self.vitals.memory.pressure


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    for number in (1, 2, 3):
        made.hold(number)
    return made


def test_the_reserve_follows_the_size_of_the_machine_and_leaves_room_on_small_ones() -> None:
    assert choose_reserve(64 << 30) == (64 << 30) // 20
    assert choose_reserve(8 << 30) == 512 << 20
    assert choose_reserve(1 << 30) == 128 << 20


def test_while_enough_is_free_nothing_goes(rig: Rig) -> None:
    held = rig.tiers.held_bytes
    assert rig.look(RESERVE) is MemoryPressure.NONE
    assert rig.tiers.held_bytes == held


def test_the_least_recently_used_prefixes_go_and_no_more_than_are_needed(rig: Rig) -> None:
    each = rig.tiers.held_bytes // 3
    assert rig.look(RESERVE - each) is MemoryPressure.SHEDDING
    assert [prefix.tokens[0] for prefix in rig.tiers.cache] == [3, 2]


def test_while_memory_is_short_no_more_is_held_than_before(rig: Rig) -> None:
    each = rig.tiers.held_bytes // 3
    rig.look(RESERVE - each)
    rig.hold(4)
    assert rig.tiers.held_bytes <= 2 * each


def test_when_nothing_is_left_to_go_new_requests_are_to_be_refused(rig: Rig) -> None:
    assert rig.look(-PLENTY) is MemoryPressure.REFUSING
    assert rig.tiers.held_bytes == 0


def test_pressure_is_over_only_when_clearly_more_than_the_reserve_is_free(rig: Rig) -> None:
    rig.look(-PLENTY)
    assert rig.look(RESERVE) is MemoryPressure.REFUSING
    assert rig.look(2 * RESERVE) is MemoryPressure.NONE
    rig.hold(4)
    assert rig.tiers.held_bytes > 0


def test_what_is_worth_it_is_handed_to_the_disk_before_it_goes() -> None:
    rig = Rig()
    job = Job(1, TEXT * 20, 1, Sampling())
    rig.starter.try_start(job, ())
    while rig.provider.computed(job.id) < len(job.tokens):
        rig.provider.step()
    rig.starter.end(job, (), ())
    rig.look(-PLENTY)
    assert len(rig.disk.states) == 1


def test_it_looks_once_a_second_however_many_steps_there_are(rig: Rig) -> None:
    looks = rig.gauge.looks
    for _ in range(50):
        rig.relief.check()
    assert rig.gauge.looks == looks + 1


def test_a_model_that_leaves_little_has_half_of_that_as_its_reserve() -> None:
    rig = Rig(Gauge(free=RESERVE))
    assert rig.look(RESERVE // 2) is MemoryPressure.NONE
    assert rig.look(RESERVE // 2 - 1) is MemoryPressure.REFUSING


def test_new_requests_are_refused_with_the_numbers_and_those_that_run_go_on() -> None:
    gauge = Gauge(free=10 * GB)

    async def go() -> None:
        async with running("echo,step_ms=20", watch=MemoryWatch(gauge.read, GB)) as engine:
            stream = ask(engine, "a" * 200)
            await stream.next(DEADLINE_S)
            gauge.free = GB // 10
            await until(lambda: engine.health().memory.pressure is MemoryPressure.REFUSING)
            with pytest.raises(Overloaded, match="100 MB are free, and 1000 MB should stay free") as refused:
                ask(engine, "b")
            assert refused.value.retry_after_s
            assert isinstance((await read(stream)).end, Finish)
            gauge.free = 10 * GB
            await until(lambda: engine.health().memory.pressure is MemoryPressure.NONE)
            assert isinstance((await read(ask(engine, "b"))).end, Finish)

    asyncio.run(go())
