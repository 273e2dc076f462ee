"""A conversation's words, kept with its prompt-cache key: what it goes on from, and the answer put behind it.

Owner: the event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.engine.control import ChangeKey, KeyTerms, KeyWish, ReadKey
from endpoint.errors import InvalidRequest
from endpoint.keycontent import KeyContent
from endpoint.protocol.requests import CacheWish, ChatRequest
from endpoint.routes.services import Services
from endpoint.segments import CallArguments, CallStart, Content, Reasoning, Segment
from endpoint.text.merging import merge_content

Remember = Callable[[Sequence[Segment]], Awaitable[None]]
"""Told of the whole answer before its end is sent."""


async def recall(services: Services, chat: ChatRequest) -> KeyContent:
    """The whole conversation: the request's, and with `appends` what its key stands for before it. Raises
    InvalidRequest when that is no conversation."""
    asked = KeyContent(chat.messages, chat.tools, chat.template_variables)
    wish = chat.generation.cache
    if wish is None or not wish.appends:
        return asked
    view = await services.engine.control(ReadKey(wish.key))
    if view is None:
        return asked
    if view.content.tokens is not None:
        raise InvalidRequest(f"The key {wish.key!r} stands for raw tokens: no messages can follow.", "prompt_cache_key")
    return merge_content(view.content, asked)


def wish_key(cache: CacheWish | None, asked: KeyContent | None) -> KeyWish | None:
    """What the engine is told of it."""
    return None if cache is None else KeyWish(cache.key, KeyTerms(cache.ttl_s), asked)


def remember_answer(services: Services, cache: CacheWish | None, asked: KeyContent | None) -> Remember | None:
    """What puts the answer behind the conversation, so that the key's next messages follow it."""
    if cache is None or asked is None:
        return None

    async def remember(segments: Sequence[Segment]) -> None:
        content = replace(asked, messages=(*asked.messages, to_message(segments)))
        await services.engine.control(ChangeKey(cache.key, content))

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
