"""What is remembered of a request, to explain later what its prompt missed. Immutable; made on the event loop."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.cache.report import CacheReport, Shortfall, Tier
from endpoint.conversation import Message, TextPart
from endpoint.engine.model import LoadedModel
from endpoint.explain.texts import count_tokens, pack
from endpoint.keycontent import KeyContent

MOST_TAIL = 8192
"""Tokens of the best candidate that are kept, from where the prompt leaves it."""
_OVERHEAD = 1024


@dataclass(frozen=True, slots=True)
class Asker:
    """`request_id`: the answer's id in its body; `header_id`: its x-request-id; `at`: Unix seconds. `asked`: the
    conversation, None for a prompt that was sent as such."""

    request_id: str
    header_id: str
    at: float
    model: LoadedModel
    asked: KeyContent | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A request and its CacheReport. `prompt` and `tail` are packed tokens; `tail` is how the best candidate, of
    `candidate_tokens` in all, goes on behind the first `shared` tokens of the prompt. `size` in bytes."""

    asker: Asker
    prompt: bytes
    cached: int
    tier: Tier
    shortfall: Shortfall
    key: str | None
    detail: str
    shared: int
    candidate_tokens: int
    tail: bytes
    size: int

    @property
    def prompt_tokens(self) -> int:
        """How many the prompt has."""
        return count_tokens(self.prompt)


def make_record(asker: Asker, report: CacheReport) -> Record:
    """Tokens are copied, into a tenth of the room: the engine's own are held no longer than it needs them."""
    prompt = pack(report.prompt)
    tail = pack(report.candidate[report.shared : report.shared + MOST_TAIL])
    size = _OVERHEAD + len(prompt) + len(tail) + _measure_content(asker.asked)
    return Record(
        asker,
        prompt,
        report.cached,
        report.tier,
        report.shortfall,
        report.key,
        report.detail,
        report.shared,
        len(report.candidate),
        tail,
        size,
    )


def _measure_content(content: KeyContent | None) -> int:
    if content is None:
        return 0
    messages = sum(map(_measure_message, content.messages))
    tools = sum(_measure([tool.name, tool.description, tool.parameters]) for tool in content.tools)
    return messages + tools + _measure(content.variables)


def _measure_message(message: Message) -> int:
    texts = [part.text if isinstance(part, TextPart) else part.kind for part in message.parts]
    calls = [text for call in message.tool_calls for text in (call.id, call.name, call.arguments)]
    return 256 + _measure([*texts, *calls, message.reasoning])


def _measure(value: object) -> int:
    """Bytes, about, of JSON-like values however deep."""
    size, left = 0, [value]
    while left:
        each = left.pop()
        size += sys.getsizeof(each)
        if isinstance(each, Mapping):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, Sequence) and not isinstance(each, str):
            left += each
    return size
