"""A conversation's words, kept with its prompt-cache key: what it goes on from, and the answer put behind it.

Owner: the event loop.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.engine.control import ChangeKey, KeyTerms, KeyWish, ReadKey
from endpoint.errors import InvalidRequest, RequestError
from endpoint.keycontent import KeyContent
from endpoint.protocol.requests import CacheWish, ChatRequest
from endpoint.routes.services import Services
from endpoint.segments import CallArguments, CallStart, Content, Reasoning, Segment
from endpoint.text.merging import merge_content

Remember = Callable[[Sequence[Segment]], Awaitable[None]]
"""Told of the whole answer before its end is sent."""


async def recall(services: Services, chat: ChatRequest, turn: KeyContent) -> KeyContent:
    """The whole conversation: the request's `turn`, and with `appends` what its key stands for before it; a key that
    isn't there begins one. Raises InvalidRequest when what it stands for is no conversation."""
    wish = chat.generation.cache
    if wish is None or not wish.appends:
        return turn
    view = await services.engine.control(ReadKey(wish.key))
    if view is None:
        return turn
    if view.content.tokens is not None:
        raise InvalidRequest(f"The key {wish.key!r} stands for raw tokens: no messages can follow.", "prompt_cache_key")
    return merge_content(view.content, turn)


def wish_key(cache: CacheWish | None, asked: KeyContent | None) -> KeyWish | None:
    """What the engine is told of it. What an appending chat stands for is told when it is answered."""
    if cache is None:
        return None
    return KeyWish(cache.key, KeyTerms(cache.ttl_s), None if cache.appends else asked)


def remember_answer(services: Services, cache: CacheWish | None, turn: KeyContent | None) -> Remember | None:
    """What puts the answer behind the conversation, so that the key's next messages follow it. `turn`: what the request
    itself brought. Of chats that append at once, each leaves its own turn, in the order in which they end."""
    if cache is None or turn is None:
        return None

    async def remember(segments: Sequence[Segment]) -> None:
        content = replace(turn, messages=(*turn.messages, to_message(segments)))
        with contextlib.suppress(RequestError):  # the answer is whole, whatever has become of its key
            await services.engine.control(ChangeKey(cache.key, content, appends=cache.appends))

    return remember


def to_message(segments: Sequence[Segment]) -> Message:
    """An answer as a message of the assistant's."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[ToolCall] = []
    for segment in segments:
        match segment:
            case Content(text):
                texts.append(text)
            case Reasoning(text):
                thoughts.append(text)
            case CallStart(index, name):
                calls.append(ToolCall(f"call_{index}", name, ""))
            case CallArguments(_, text):
                calls[-1] = replace(calls[-1], arguments=calls[-1].arguments + text)
    parts = (TextPart("".join(texts)),) if texts else ()
    return Message(Role.ASSISTANT, parts, tool_calls=tuple(calls), reasoning="".join(thoughts) or None)
