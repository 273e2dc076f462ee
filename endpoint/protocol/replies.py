"""Chat and text completions on their way out: whole bodies and stream chunks, every OpenAI field filled in. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from endpoint.errors import RequestError
from endpoint.protocol import sse
from endpoint.protocol.errors import error_body
from endpoint.protocol.logprobs import LogprobWriter
from endpoint.protocol.messages import join_content, write_delta, write_message
from endpoint.protocol.reply import Body, Choice, Ending, Written
from endpoint.providers.logprobs import TokenLogprobs
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
class CompletionReply:
    """A Reply of either family. `created` in Unix seconds; `include_usage`: usage in a last chunk of its own, and null
    on all others. `choices` in all, `each` of them to one prompt (0: all). `logprobs` writes these, None where nobody
    asked."""

    family: Family
    id: str
    created: int
    model: str
    fingerprint: str
    include_usage: bool = False
    choices: int = 1
    each: int = 0
    logprobs: LogprobWriter | None = None
    _ended: dict[int, Ending] = field(default_factory=dict)

    def whole(self, choices: Sequence[Choice]) -> Body:
        """The body of a reply that is not streamed."""
        written = [self._whole_choice(index, choice) for index, choice in enumerate(choices)]
        return self._head(self.family.value.whole, written, self._count([choice.ending for choice in choices]))

    def opening(self) -> bytes:
        """The assistant's role, in a chat."""
        if self.family is Family.TEXT:
            return b""
        part = {"delta": {"role": "assistant", "content": ""}}
        return b"".join(self._chunk(index, part) for index in range(self.choices))

    def write(self, choice: int, written: Written) -> bytes:
        """A chunk for each segment that needs one; the first has the log-probabilities, and comes for them too. In text
        completions only content can come."""
        parts = [part for part in map(self._part, written.segments) if part is not None]
        told = self._tell(choice, written.logprobs)
        if told is not None and not parts:
            parts = [self._empty_part()]
        chunks = [self._chunk(choice, part, logprobs=None if number else told) for number, part in enumerate(parts)]
        return b"".join(chunks)

    def end(self, choice: int, ending: Ending) -> bytes:
        """The finish reason; the last choice's comes with the usage, where that has no chunk of its own."""
        self._ended[choice] = ending
        is_last = len(self._ended) == self.choices and not self.include_usage
        usage = self._count([self._ended[index] for index in sorted(self._ended)]) if is_last else None
        return self._chunk(choice, self._empty_part(), ending.reason, usage)

    def close(self, endings: Sequence[Ending]) -> bytes:
        """The usage alone, as OpenAI sends it when asked, and the end."""
        if not self.include_usage:
            return sse.DONE
        return sse.frame(self._head(self.family.value.chunk, [], self._count(endings))) + sse.DONE

    def fail(self, error: RequestError) -> bytes:
        """The error as an event of its own."""
        return sse.frame(error_body(error)) + sse.DONE

    def _count(self, endings: Sequence[Ending]) -> Body:
        return count_usage(endings, self.each)

    def _tell(self, choice: int, told: Sequence[TokenLogprobs]) -> Body | None:
        return self.logprobs.write(choice, told) if self.logprobs is not None and told else None

    def _empty_part(self) -> Body:
        return {"text": ""} if self.family is Family.TEXT else {"delta": {}}

    def _part(self, segment: Segment) -> Body | None:
        if self.family is Family.TEXT:
            return {"text": segment.text} if isinstance(segment, Content) else None
        delta = write_delta(segment)
        return None if delta is None else {"delta": delta}

    def _whole_choice(self, index: int, choice: Choice) -> Body:
        segments = choice.written.segments
        chat = self.family is Family.CHAT
        part: Body = {"message": write_message(segments)} if chat else {"text": join_content(segments)}
        told = self._tell(index, choice.written.logprobs)
        if told is None and self.logprobs is not None:
            told = self.logprobs.nothing()
        return {"index": index, **part, "logprobs": told, "finish_reason": choice.ending.reason}

    def _chunk(
        self,
        index: int,
        part: Mapping[str, object],
        reason: str | None = None,
        usage: Body | None = None,
        logprobs: Body | None = None,
    ) -> bytes:
        choice: Body = {"index": index, **part, "logprobs": logprobs, "finish_reason": reason}
        return sse.frame(self._head(self.family.value.chunk, [choice], usage))

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


def count_usage(endings: Sequence[Ending], each: int = 0) -> Body:
    """OpenAI's `usage`: a prompt is counted once for its `each` choices (0: there is one prompt), their tokens all
    together."""
    prompts = [ending.usage for ending in endings[:: each or len(endings)]]
    prompt = sum(usage.prompt_tokens for usage in prompts)
    completion = sum(ending.usage.completion_tokens for ending in endings)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": sum(usage.cached_tokens for usage in prompts)},
        "completion_tokens_details": {"reasoning_tokens": sum(ending.reasoning_tokens for ending in endings)},
    }
