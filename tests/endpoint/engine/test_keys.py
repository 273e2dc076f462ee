"""Keys through a real engine over the fake provider."""

from __future__ import annotations

import asyncio

import pytest

from endpoint.cache.report import CacheReport, Shortfall, Tier
from endpoint.engine.control import (
    ChangeKey,
    ClearKeys,
    DeleteSaved,
    ForkKey,
    KeyTerms,
    KeyView,
    KeyWish,
    ListKeys,
    ListSaved,
    LoadKey,
    ReadKey,
    SaveKey,
    SetKey,
)
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.errors import RequestError, StateNotKept
from endpoint.keycontent import KeyContent
from endpoint.providers.base import Sampling
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.rig import read, running

BASE = b"You are a harbour master. You know every ship and each of its ports by heart. "
KINDS = pytest.mark.parametrize("model", ["echo", "echo,hybrid=1"])


async def prepare(engine: Engine, name: str, text: bytes = BASE, *, ttl_s: float | None = None) -> KeyView:
    """Compute a prefix and name it."""
    wish = KeyWish(name, KeyTerms(ttl_s), KeyContent(tokens=tuple(text)), {"namespace": "harbour"}, exact=True)
    stops = (len(text),)
    await read(engine.submit(GenerationRequest(tuple(text), 0, Sampling(), checkpoints=stops, key=wish)))
    view = await engine.control(ReadKey(name))
    assert view is not None
    return view


async def ask(engine: Engine, text: bytes, key: str | None = None, max_tokens: int = 4) -> CacheReport:
    """What the cache did for a prompt."""
    wish = None if key is None else KeyWish(key)
    stream = engine.submit(GenerationRequest(tuple(text), max_tokens, Sampling(), key=wish))
    report = await stream.report(20)
    await read(stream)
    assert report is not None
    return report


@KINDS
def test_a_prepared_key_stands_for_its_tokens_and_serves_prompts_that_begin_so(model: str) -> None:
    async def go() -> None:
        async with running(model) as engine:
            view = await prepare(engine, "base")
            assert (view.tokens, view.tier, view.meta) == (tuple(BASE), Tier.RAM, {"namespace": "harbour"})
            assert view.bytes >= len(BASE) - 1
            report = await ask(engine, BASE + b"Which ship is here?")
            assert (report.tier, report.key) == (Tier.RAM, "base")
            assert report.cached >= len(BASE) - 1

    asyncio.run(go())


@KINDS
def test_a_chat_with_a_key_lets_it_go_on(model: str) -> None:
    async def go() -> None:
        async with running(model) as engine:
            await prepare(engine, "base")
            first = BASE + b"Which ship is in the harbour tonight, and since when is it here?"
            await ask(engine, first, "base")
            view = await engine.control(ReadKey("base"))
            assert view is not None
            assert view.tokens == tuple(first)
            assert view.version > 2
            report = await ask(engine, first + b" And which one was here yesterday, please?", "base")
            assert report.cached >= len(first) - 1

    asyncio.run(go())


def test_a_fork_takes_no_memory_and_parts_from_its_source() -> None:
    async def go() -> None:
        async with running() as engine:
            await prepare(engine, "base")
            before = (await engine.control(ListKeys())).ram_bytes
            for number in range(8):
                fork = await engine.control(ForkKey("base", f"fork {number}", KeyTerms()))
                assert fork is not None
                assert fork.meta["forked_from"] == "base"
            assert (await engine.control(ListKeys())).ram_bytes == before
            await ask(engine, BASE + b"a question that is longer than thirty-two tokens", "fork 3")
            views = {view.name: view for view in (await engine.control(ListKeys())).keys}
            assert len(views["fork 3"].tokens) > len(BASE)
            assert views["base"].tokens == views["fork 4"].tokens == tuple(BASE)
            assert await engine.control(ForkKey("nobody", "x", KeyTerms())) is None

    asyncio.run(go())


def test_a_cancelled_update_leaves_the_key_as_it_was() -> None:
    async def go() -> None:
        async with running("echo,step_ms=20") as engine:
            before = await prepare(engine, "base")
            more = tuple(BASE + b"and much more " * 100)
            wish = KeyWish("base", content=KeyContent(tokens=more), exact=True)
            stream = engine.submit(GenerationRequest(more, 0, Sampling(), key=wish))
            assert await stream.report(20) is not None
            stream.close()
            after = await engine.control(ReadKey("base"))
            assert after is not None
            assert (after.tokens, after.content, after.version) == (before.tokens, before.content, before.version)

    asyncio.run(go())


def test_a_key_whose_time_is_up_is_gone_with_its_prefix_and_the_next_prompt_is_told_why() -> None:
    async def go() -> None:
        async with running() as engine:
            await prepare(engine, "brief", ttl_s=0.05)
            await asyncio.sleep(0.06)  # the time itself is what is tested
            assert await engine.control(ReadKey("brief")) is None
            assert (await engine.control(ListKeys())).ram_bytes == 0
            report = await ask(engine, BASE + b"Which ship?", "brief")
            assert (report.cached, report.shortfall) == (0, Shortfall.EXPIRED)
            assert "'brief' expired" in report.detail

    asyncio.run(go())


def test_clearing_takes_one_key_or_all() -> None:
    async def go() -> None:
        async with running() as engine:
            await prepare(engine, "one")
            await prepare(engine, "two", b"Something else altogether, but also long enough to be held. ")
            assert await engine.control(ClearKeys("nobody")) == 0
            assert await engine.control(ClearKeys("one")) == 1
            report = await ask(engine, BASE + b"?")
            assert report.shortfall is Shortfall.CLEARED
            assert await engine.control(ClearKeys()) == 1
            view = await engine.control(ListKeys())
            assert (view.keys, view.ram_bytes) == ((), 0)

    asyncio.run(go())


def test_what_a_key_stands_for_can_be_set_and_told_more_of() -> None:
    async def go() -> None:
        async with running() as engine:
            empty = await engine.control(SetKey("new", KeyTerms(ttl_s=60, make_default=True)))
            assert (empty.tokens, empty.content.is_empty, empty.ttl_s) == ((), True, 60)
            assert (await engine.control(ListKeys())).default_key == "new"
            content = KeyContent(variables={"a": 1})
            changed = await engine.control(ChangeKey("new", content, {"run": "7"}))
            assert changed is not None
            assert (changed.content, changed.meta) == (content, {"run": "7"})
            stale = await engine.control(ChangeKey("new", KeyContent(), version=empty.version))
            assert stale is not None
            assert stale.content == content
            assert await engine.control(ChangeKey("nobody")) is None

    asyncio.run(go())


@KINDS
def test_a_prefix_saved_by_name_is_found_by_another_engine(model: str) -> None:
    disk = Disk()

    async def save() -> None:
        async with running(model, open_store=disk.open) as engine:
            await prepare(engine, "base")
            saved = await engine.control(SaveKey("base", "harbour v1"))
            assert (saved.name, saved.usable) == ("harbour v1", True)
            await engine.control(ClearKeys("base"))

    async def load() -> None:
        async with running(model, open_store=disk.open) as engine:
            assert [view.name for view in await engine.control(ListSaved())] == ["harbour v1"]
            assert await engine.control(LoadKey("nobody", "x", KeyTerms())) is None
            view = await engine.control(LoadKey("harbour v1", "again", KeyTerms()))
            assert view is not None
            assert view.tier is Tier.DISK
            assert view.tokens == tuple(BASE[: len(view.tokens)])
            report = await ask(engine, BASE + b"Which ship?", "again")
            assert (report.tier, report.key) == (Tier.DISK, "again")
            assert report.cached >= len(BASE) - 1
            assert await engine.control(DeleteSaved("harbour v1"))
            assert not await engine.control(DeleteSaved("harbour v1"))

    asyncio.run(save())
    asyncio.run(load())


def test_a_full_disk_is_told_to_whoever_saves() -> None:
    async def go() -> None:
        async with running(open_store=Disk(is_full=True).open) as engine:
            await prepare(engine, "base")
            with pytest.raises(StateNotKept, match="the disk is full"):
                await engine.control(SaveKey("base", "x"))
            with pytest.raises(RequestError, match="no key 'nobody'"):
                await engine.control(SaveKey("nobody", "x"))

    asyncio.run(go())


def test_without_a_disk_there_is_nothing_to_save_to() -> None:
    async def go() -> None:
        async with running() as engine:
            await prepare(engine, "base")
            with pytest.raises(StateNotKept, match="kept on disk"):
                await engine.control(SaveKey("base", "x"))

    asyncio.run(go())
