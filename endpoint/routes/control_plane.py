"""What each operation of the prompt cache's control plane does. Owner: the event loop.

Every method takes the request and gives the answer's body, None for a client that hung up. Raises RequestError.
"""

from __future__ import annotations

import time
from typing import TypeVar

import orjson
from pydantic import BaseModel
from starlette.requests import Request

from endpoint.engine.control import (
    ChangeKey,
    ClearKeys,
    DeleteSaved,
    ForkKey,
    KeyTerms,
    ListKeys,
    ListSaved,
    LoadKey,
    SaveKey,
    SetKey,
)
from endpoint.errors import PromptCacheRefused
from endpoint.protocol.acore import bodies, replies
from endpoint.protocol.acore.replies import Body
from endpoint.protocol.validation import parse_body
from endpoint.routes.generating import read_request
from endpoint.routes.key_updates import KeyUpdates
from endpoint.routes.services import Services

Wire = TypeVar("Wire", bound=BaseModel)


class ControlPlane:
    """One an app."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._engine = services.engine
        self._updates = KeyUpdates(services)
        self._backend = services.settings.ref.provider

    def capabilities(self) -> Body:
        """What it can do here."""
        keeps = self._services.settings.cache_ram_bytes != 0
        return replies.write_capabilities(self._backend, keeps=keeps, saves=self._engine.saves)

    async def tell_stats(self, request: Request) -> Body:
        """GET …/stats."""
        del request
        view = await self._engine.control(ListKeys())
        ledger = self._engine.metrics().ledger
        return replies.write_stats(view, ledger, self._backend, time.time(), self.capabilities())

    async def tell_capabilities(self, request: Request) -> Body:
        """GET …/capabilities."""
        del request
        return {"supported": True, "operation": "capabilities", "capabilities": self.capabilities()}

    async def set(self, request: Request) -> Body:
        """POST …/set."""
        wish = await self._read(request, bodies.SetBody)
        terms = KeyTerms(wish.ttl_s, wish.make_default is not False)
        view = await self._engine.control(SetKey(bodies.check_key(wish.key), terms))
        return replies.write_done("set", self.capabilities(), view)

    async def update(self, request: Request) -> Body | None:
        """POST …/update."""
        wish = await self._read(request, bodies.UpdateBody)
        content = bodies.read_content(wish, wish.thinking, wish.tokens)
        terms = KeyTerms(wish.ttl_s, wish.make_default is True)
        name = bodies.check_key(wish.key)
        view = await self._updates.append(request, self._services.pick_model(None), name, content, terms)
        return None if view is None else replies.write_done("update", self.capabilities(), view)

    async def fork(self, request: Request) -> Body:
        """POST …/fork."""
        wish = await self._read(request, bodies.ForkBody)
        source, target = bodies.check_key(wish.from_key), bodies.check_key(wish.to_key)
        view = await self._engine.control(ForkKey(source, target, KeyTerms(wish.ttl_s, wish.make_default is True)))
        if view is None:
            raise _unknown(source, "prompt_cache_missing_source_key", "from_key")
        return replies.write_done("fork", self.capabilities(), view)

    async def clear(self, request: Request) -> Body:
        """POST …/clear."""
        wish = await self._read(request, bodies.ClearBody)
        name = None if wish.key is None else bodies.check_key(wish.key)
        count = await self._engine.control(ClearKeys(name))
        if name is not None and not count:
            raise _unknown(name)
        return {**replies.write_done("clear", self.capabilities()), "cleared": count}

    async def prepare_modules(self, request: Request) -> Body | None:
        """POST …/prepare_modules."""
        self._engine.model()
        wish = await read_request(request, bodies.read_preparation)
        views = await self._updates.prepare(request, self._services.pick_model(None), wish)
        if views is None:
            return None
        counts = [len(view.tokens) for view in views]
        return replies.write_prepared(wish.namespace, wish.version, wish.names, counts, self.capabilities())

    async def note(self, request: Request) -> Body:
        """POST …/key_meta."""
        wish = await self._read(request, bodies.MetaBody)
        bodies.check_meta(wish.meta, len(orjson.dumps(wish.meta)))
        name = bodies.check_key(wish.key)
        meta = {field: value for field, value in wish.meta.items() if value is not None}
        view = await self._engine.control(ChangeKey(name, meta=meta))
        if view is None:
            raise _unknown(name)
        done = replies.write_done("key_meta", self.capabilities(), view)
        return {**done, "meta": replies.write_key(view, self._backend, time.time())}

    async def save(self, request: Request) -> Body:
        """POST …/save."""
        wish = await self._read(request, bodies.SaveBody)
        key = bodies.check_key(wish.key)
        saved = await self._engine.control(SaveKey(key, key if wish.name is None else bodies.check_key(wish.name)))
        return {**replies.write_done("save", self.capabilities()), "saved": replies.write_saved(saved)}

    async def load(self, request: Request) -> Body:
        """POST …/load."""
        wish = await self._read(request, bodies.LoadBody)
        name = bodies.check_key(wish.name)
        key = name if wish.key is None else bodies.check_key(wish.key)
        view = await self._engine.control(LoadKey(name, key, KeyTerms(wish.ttl_s, wish.make_default is True)))
        if view is None:
            raise _not_saved(name)
        return replies.write_done("load", self.capabilities(), view)

    async def list_saved(self, request: Request) -> Body:
        """GET …/list."""
        del request
        saved = await self._engine.control(ListSaved()) if self._engine.saves else ()
        done = replies.write_done("list", self.capabilities())
        return {**done, "saved": [replies.write_saved(each) for each in saved]}

    async def delete(self, request: Request) -> Body:
        """POST …/delete."""
        wish = await self._read(request, bodies.DeleteBody)
        name = bodies.check_key(wish.name)
        if not await self._engine.control(DeleteSaved(name)):
            raise _not_saved(name)
        return replies.write_done("delete", self.capabilities())

    async def _read(self, request: Request, model: type[Wire]) -> Wire:
        """The body; an empty one is an empty object. Raises InvalidRequest; while loading, NotReady before that."""
        self._engine.model()
        return await read_request(request, lambda data: parse_body(data or b"{}", model))


def _unknown(name: str, code: str = "prompt_cache_missing_key", param: str = "key") -> PromptCacheRefused:
    return PromptCacheRefused(f"There is no key {name!r}: GET /acore/prompt_cache/stats lists them.", code, 404, param)


def _not_saved(name: str) -> PromptCacheRefused:
    message = f"Nothing usable is saved under {name!r}: GET /acore/prompt_cache/list tells what is."
    return PromptCacheRefused(message, "prompt_cache_not_saved", 404, "name")
