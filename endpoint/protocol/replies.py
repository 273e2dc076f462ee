"""Chat and text completions on their way out: whole bodies and stream chunks, every OpenAI field filled in. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from endpoint.errors import RequestError
from endpoint.protocol import sse
from endpoint.protocol.errors import error_body
from endpoint.protocol.messages import join_content, write_delta, write_message
from endpoint.protocol.reply import Body, Choice, Ending, Written
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
    on all others."""

    family: Family
    id: str
    created: int
    model: str
    fingerprint: str
    include_usage: bool = False

    def whole(self, choices: Sequence[Choice]) -> Body:
        """The body of a reply that is not streamed."""
        written = [self._whole_choice(index, choice) for index, choice in enumerate(choices)]
        return self._head(self.family.value.whole, written, count_usage([choice.ending for choice in choices]))

    def opening(self) -> bytes:
        """The assistant's role, in a chat."""
        if self.family is Family.TEXT:
            return b""
        return self._chunk(0, {"delta": {"role": "assistant", "content": ""}})

    def write(self, choice: int, written: Written) -> bytes:
        """A chunk for each segment that needs one. In text completions only content can come."""
        parts = map(self._part, written.segments)
        return b"".join(self._chunk(choice, part) for part in parts if part is not None)

    def end(self, choice: int, ending: Ending) -> bytes:
        """The finish reason, with the usage where it has no chunk of its own."""
        part: Body = {"text": ""} if self.family is Family.TEXT else {"delta": {}}
        return self._chunk(choice, part, ending.reason, None if self.include_usage else count_usage([ending]))

    def close(self, endings: Sequence[Ending]) -> bytes:
        """The usage alone, as OpenAI sends it when asked, and the end."""
        if not self.include_usage:
            return sse.DONE
        return sse.frame(self._head(self.family.value.chunk, [], count_usage(endings))) + sse.DONE

    def fail(self, error: RequestError) -> bytes:
        """The error as an event of its own."""
        return sse.frame(error_body(error)) + sse.DONE

    def _part(self, segment: Segment) -> Body | None:
        if self.family is Family.TEXT:
            return {"text": segment.text} if isinstance(segment, Content) else None
        delta = write_delta(segment)
        return None if delta is None else {"delta": delta}

    def _whole_choice(self, index: int, choice: Choice) -> Body:
        segments = choice.written.segments
        chat = self.family is Family.CHAT
        part: Body = {"message": write_message(segments)} if chat else {"text": join_content(segments)}
        return {"index": index, **part, "logprobs": None, "finish_reason": choice.ending.reason}

    def _chunk(
        self, index: int, part: Mapping[str, object], reason: str | None = None, usage: Body | None = None
    ) -> bytes:
        choice: Body = {"index": index, **part, "logprobs": None, "finish_reason": reason}
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


def count_usage(endings: Sequence[Ending]) -> Body:
    """OpenAI's `usage`: the choices' one prompt is counted once, their tokens all together."""
    prompt = endings[0].usage.prompt_tokens
    completion = sum(ending.usage.completion_tokens for ending in endings)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": endings[0].usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": sum(ending.reasoning_tokens for ending in endings)},
    }
