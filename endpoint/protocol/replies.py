"""Chat and text completions on their way out: whole bodies and stream chunks, every OpenAI field filled in. Pure.

A `ReplyWriter` is made once a request; each method returns a plain dict for orjson.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from endpoint.engine.stream import FinishReason, Usage

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wording:
    """What differs between the two API families."""

    id_prefix: str
    whole: str
    chunk: str


class Family(Enum):
    """Which of the two completion APIs."""

    CHAT = Wording("chatcmpl-", "chat.completion", "chat.completion.chunk")
    TEXT = Wording("cmpl-", "text_completion", "text_completion")


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """`created` in Unix seconds; `include_usage`: usage in a last chunk of its own, and null on all others."""

    family: Family
    id: str
    created: int
    model: str
    fingerprint: str
    include_usage: bool = False

    def whole(self, text: str, reason: FinishReason, usage: Usage) -> Body:
        """The body of a reply that is not streamed."""
        if self.family is Family.CHAT:
            message = {"role": "assistant", "content": text, "refusal": None}
            choice: Body = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason.value}
        else:
            choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason.value}
        return self._head(self.family.value.whole, [choice], count_usage(usage))

    def first_chunks(self) -> tuple[Body, ...]:
        """What a stream opens with: the assistant's role, in a chat."""
        if self.family is Family.TEXT:
            return ()
        return (self._chunk({"delta": {"role": "assistant", "content": ""}}, None, None),)

    def text_chunk(self, text: str) -> Body:
        """New text."""
        part: Body = {"text": text} if self.family is Family.TEXT else {"delta": {"content": text}}
        return self._chunk(part, None, None)

    def last_chunks(self, reason: FinishReason, usage: Usage) -> tuple[Body, ...]:
        """The finish reason with the usage, or, as OpenAI does when asked, the usage alone after it."""
        end: Body = {"text": ""} if self.family is Family.TEXT else {"delta": {}}
        counts = count_usage(usage)
        if not self.include_usage:
            return (self._chunk(end, reason, counts),)
        return self._chunk(end, reason, None), self._head(self.family.value.chunk, [], counts)

    def _chunk(self, part: Mapping[str, object], reason: FinishReason | None, usage: Body | None) -> Body:
        choice: Body = {"index": 0, **part, "logprobs": None, "finish_reason": reason.value if reason else None}
        return self._head(self.family.value.chunk, [choice], usage)

    def _head(self, kind: str, choices: list[Body], usage: Body | None) -> Body:
        body: Body = {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
            "choices": choices,
        }
        if usage is not None or self.include_usage:
            body["usage"] = usage
        return body


def new_id(family: Family) -> str:
    """A reply's id: unique."""
    return family.value.id_prefix + uuid.uuid4().hex


def count_usage(usage: Usage) -> Body:
    """OpenAI's `usage`."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
