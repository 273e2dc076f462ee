"""Computes what keys are to stand for: by generations of no tokens, which the engine runs beside all others.

Owner: the event loop. A client that hangs up ends the computation, and its key stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from endpoint.cache.report import Tier
from endpoint.engine.control import ChangeKey, ForkKey, KeyTerms, KeyView, KeyWish, ReadKey, SetKey
from endpoint.engine.model import LoadedModel
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Failure, Finish, Stream
from endpoint.errors import PromptCacheRefused
from endpoint.keycontent import KeyContent
from endpoint.protocol.acore.bodies import Preparation
from endpoint.providers.base import Sampling
from endpoint.routes.key_locks import KeyLocks
from endpoint.routes.replying import unless_gone
from endpoint.routes.services import Services
from endpoint.text.merging import merge_content
from endpoint.text.prompt import Prompt

_GREEDY = Sampling(temperature=0.0)


@dataclass(frozen=True, slots=True)
class _Target:
    """What a key is to stand for."""

    name: str
    content: KeyContent
    terms: KeyTerms
    meta: Mapping[str, object] = field(default_factory=dict)


class KeyUpdates:
    """One an app."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks = KeyLocks()

    async def append(
        self, request: Request, model: LoadedModel, name: str, more: KeyContent, terms: KeyTerms
    ) -> KeyView | None:
        """Let a key stand for what it did and more; None when the client hung up. Raises what rendering and computing
        do, and then the key is as it was."""
        async with self._locks.hold(name):
            before = await self._services.engine.control(ReadKey(name))
            content = merge_content(before.content, more) if before is not None else more
            prompt = await self._services.prompts.write_key(model, content)
            return await self._reach(request, _Target(name, content, terms), prompt, before)

    async def prepare(self, request: Request, model: LoadedModel, wish: Preparation) -> list[KeyView] | None:
        """A key for each module and those before it; what is there already isn't computed again. None when the client
        hung up."""
        async with self._locks.hold(wish.names[-1].cache_key):
            contents: list[KeyContent] = []
            for content in wish.contents:
                contents.append(merge_content(contents[-1], content) if contents else content)
            views: list[KeyView] = []
            for place, prompt in enumerate(await self._services.prompts.write_chain(model, contents)):
                before = views[-1] if views else None
                view = await self._prepare_module(request, wish, place, (contents[place], prompt), before)
                if view is None:
                    return None
                views.append(view)
            return views

    async def _prepare_module(
        self,
        request: Request,
        wish: Preparation,
        place: int,
        planned: tuple[KeyContent, Prompt | None],
        before: KeyView | None,
    ) -> KeyView | None:
        content, prompt = planned
        name = wish.names[place]
        own = {
            "namespace": wish.namespace,
            "module_id": name.module_id,
            "module_hash": name.module_hash,
            "index": place,
        }
        is_last = place == len(wish.names) - 1
        terms = KeyTerms(wish.terms.ttl_s, wish.terms.make_default and is_last)
        target = _Target(name.cache_key, content, terms, {**wish.meta[place], "namespace": wish.namespace, **own})
        there = await self._services.engine.control(ReadKey(target.name))
        if before is not None and prompt is not None and prompt.tokens == before.tokens and before.tokens:
            await self._services.engine.control(ForkKey(before.name, target.name, terms))
            target = _Target(
                target.name, content, terms, {**dict.fromkeys(before.meta), "forked_from": None, **target.meta}
            )
            return await self._describe(target)
        return await self._reach(request, target, prompt, there)

    async def _reach(
        self, request: Request, target: _Target, prompt: Prompt | None, before: KeyView | None
    ) -> KeyView | None:
        """Compute, unless the key stands for it already, or there is nothing that can be computed ahead."""
        engine = self._services.engine
        is_there = before is not None and prompt is not None and before.tokens == prompt.tokens
        if prompt is None or (before is not None and is_there and before.tier is not Tier.NONE):
            await engine.control(SetKey(target.name, target.terms))
            return await self._describe(target)
        wish = KeyWish(target.name, target.terms, target.content, target.meta, exact=True)
        stream = engine.submit(GenerationRequest(prompt.tokens, 0, _GREEDY, checkpoints=prompt.boundaries, key=wish))
        try:
            done = await unless_gone(request.receive, _read_to_end(stream))
        finally:
            stream.close()
        return None if done is None else _still(target.name, await engine.control(ReadKey(target.name)))

    async def _describe(self, target: _Target) -> KeyView:
        changed = await self._services.engine.control(ChangeKey(target.name, target.content, target.meta))
        return _still(target.name, changed)


def _still(name: str, view: KeyView | None) -> KeyView:
    """Raises PromptCacheRefused for a key that went while it was worked on."""
    if view is None:
        why = "it was cleared, or its ttl_s was up, before this was done: send it again, with a longer ttl_s"
        raise PromptCacheRefused(f"The key {name!r} is no more: {why}.", "prompt_cache_missing_key", 404, "key")
    return view


async def _read_to_end(stream: Stream) -> Finish:
    """Raises the stream's own error."""
    while True:
        match await stream.next():
            case Finish() as finish:
                return finish
            case Failure(error):
                raise error
