"""Chat and text completions on their way out: whole bodies and stream chunks, every OpenAI field filled in. Pure.

A `ReplyWriter` is made once a request; each method returns a plain dict for orjson.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from endpoint.engine.stream import Usage
from endpoint.protocol.messages import Body, join_content, write_delta, write_message
from endpoint.segments import Content, Segment


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
class Ending:
    """How an answer ended: OpenAI's `finish_reason` ("stop", "length", "tool_calls"), and the counts."""

    reason: str
    usage: Usage
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """`created` in Unix seconds; `include_usage`: usage in a last chunk of its own, and null on all others."""

    family: Family
    id: str
    created: int
    model: str
    fingerprint: str
    include_usage: bool = False

    def whole(self, segments: Sequence[Segment], ending: Ending) -> Body:
        """The body of a reply that is not streamed."""
        if self.family is Family.CHAT:
            part: Body = {"message": write_message(segments)}
        else:
            part = {"text": join_content(segments)}
        choice: Body = {"index": 0, **part, "logprobs": None, "finish_reason": ending.reason}
        return self._head(self.family.value.whole, [choice], count_usage(ending))

    def first_chunks(self) -> tuple[Body, ...]:
        """What a stream opens with: the assistant's role, in a chat."""
        if self.family is Family.TEXT:
            return ()
        return (self._chunk({"delta": {"role": "assistant", "content": ""}}, None, None),)

    def chunk(self, segment: Segment) -> Body | None:
        """A segment; None where it needs no chunk. In text completions only content can come."""
        if self.family is Family.CHAT:
            delta = write_delta(segment)
            return None if delta is None else self._chunk({"delta": delta}, None, None)
        return self._chunk({"text": segment.text}, None, None) if isinstance(segment, Content) else None

    def last_chunks(self, ending: Ending) -> tuple[Body, ...]:
        """The finish reason with the usage, or, as OpenAI does when asked, the usage alone after it."""
        end: Body = {"text": ""} if self.family is Family.TEXT else {"delta": {}}
        counts = count_usage(ending)
        if not self.include_usage:
            return (self._chunk(end, ending.reason, counts),)
        return self._chunk(end, ending.reason, None), self._head(self.family.value.chunk, [], counts)

    def _chunk(self, part: Mapping[str, object], reason: str | None, usage: Body | None) -> Body:
        choice: Body = {"index": 0, **part, "logprobs": None, "finish_reason": reason}
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


def count_usage(ending: Ending) -> Body:
    """OpenAI's `usage`."""
    usage = ending.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": ending.reasoning_tokens},
    }
