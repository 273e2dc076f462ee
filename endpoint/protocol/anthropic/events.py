"""Answers as Anthropic's messages, whole and as events (https://docs.anthropic.com/en/api/messages-streaming). Pure.

A streamed answer's content is blocks, one after the other; a block is open from its first segment to the first that
belongs to another one. `message_start` tells the prompt's tokens as if none were cached, which isn't known yet;
`message_delta` tells the true counts. Their sum is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.engine.stream import Usage
from endpoint.errors import RequestError
from endpoint.protocol.anthropic.content import SIGNATURE, BlockKind, new_id, write_blocks
from endpoint.protocol.anthropic.errors import error_body
from endpoint.protocol.anthropic.inputs import InputPieces
from endpoint.protocol.reply import Body, Choice, Ending, Written
from endpoint.protocol.sse import named_frame
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment


@dataclass(frozen=True, slots=True)
class Heading:
    """What is known before the answer: `model` that answers, tokens of the prompt, and the most that were asked for."""

    model: str
    prompt_tokens: int
    max_tokens: int | None
    request_id: str


class MessageReply:
    """A Reply of the one choice that Anthropic's API knows."""

    def __init__(self, heading: Heading) -> None:
        self._heading = heading
        self._id = new_id("msg")
        self._index = -1  # of the block that was opened last
        self._open: BlockKind | None = None
        self._input = InputPieces()

    @property
    def id(self) -> str:
        """The message's."""
        return self._id

    def whole(self, choices: Sequence[Choice]) -> Body:
        """The body of a reply that is not streamed."""
        written, ending = choices[0].written, choices[0].ending
        message = self._message(write_blocks(written.segments), _count(ending.usage, ending.reasoning_tokens))
        return {**message, **self._reasons(ending)}

    def opening(self) -> bytes:
        """The message without content, and the ping that Anthropic sends after it."""
        usage = _count(Usage(self._heading.prompt_tokens, 0))
        return _frame("message_start", {"message": self._message([], usage)}) + _frame("ping", {})

    def write(self, choice: int, written: Written) -> bytes:
        """Deltas, and the blocks' bounds between them."""
        del choice
        return b"".join(map(self._write, written.segments))

    def end(self, choice: int, ending: Ending) -> bytes:
        """The last block's bound, why it ended, and the counts."""
        del choice
        delta = self._reasons(ending)
        usage = _count(ending.usage, ending.reasoning_tokens)
        return self._close() + _frame("message_delta", {"delta": delta, "usage": usage})

    def close(self, endings: Sequence[Ending]) -> bytes:
        """The end."""
        del endings
        return _frame("message_stop", {})

    def fail(self, error: RequestError) -> bytes:
        """The error as an event; nothing may follow it."""
        return named_frame("error", error_body(error, self._heading.request_id))

    def _write(self, segment: Segment) -> bytes:
        match segment:
            case Content(text):
                return self._ensure(BlockKind.TEXT) + self._delta("text_delta", {"text": text})
            case Reasoning(text):
                return self._ensure(BlockKind.THINKING) + self._delta("thinking_delta", {"thinking": text})
            case CallStart(_, name):
                self._input = InputPieces()
                block: Body = {"id": new_id("toolu"), "name": name, "input": {}}
                return self._close() + self._start(BlockKind.TOOL_USE, block)
            case CallArguments(_, text):
                return self._write_input(self._input.feed(text))
            case CallEnd():
                return self._close()

    def _ensure(self, kind: BlockKind) -> bytes:
        """Open a block of this kind, unless it is the open one."""
        if self._open is kind:
            return b""
        fields: Body = {"text": ""} if kind is BlockKind.TEXT else {"thinking": "", "signature": ""}
        return self._close() + self._start(kind, fields)

    def _start(self, kind: BlockKind, fields: Body) -> bytes:
        self._open = kind
        self._index += 1
        return _frame("content_block_start", {"index": self._index, "content_block": {"type": kind.value, **fields}})

    def _close(self) -> bytes:
        kind, self._open = self._open, None
        if kind is None:
            return b""
        last = b""
        if kind is BlockKind.THINKING:
            last = self._delta("signature_delta", {"signature": SIGNATURE})
        elif kind is BlockKind.TOOL_USE:
            last = self._write_input(self._input.finish())
        return last + _frame("content_block_stop", {"index": self._index})

    def _write_input(self, text: str) -> bytes:
        return self._delta("input_json_delta", {"partial_json": text}) if text else b""

    def _delta(self, kind: str, fields: Body) -> bytes:
        return _frame("content_block_delta", {"index": self._index, "delta": {"type": kind, **fields}})

    def _message(self, content: list[Body], usage: Body) -> Body:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._heading.model,
            "content": content,
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }

    def _reasons(self, ending: Ending) -> Body:
        reason = self._choose_reason(ending)
        return {"stop_reason": reason, "stop_sequence": ending.stop if reason == "stop_sequence" else None}

    def _choose_reason(self, ending: Ending) -> str:
        match ending.reason:
            case "tool_calls":
                return "tool_use"
            case "length":
                most = self._heading.max_tokens
                is_full = most is not None and ending.usage.completion_tokens < most
                return "model_context_window_exceeded" if is_full else "max_tokens"
            case _:
                return "end_turn" if ending.stop is None else "stop_sequence"


def _frame(kind: str, fields: Body) -> bytes:
    return named_frame(kind, {"type": kind, **fields})


def _count(usage: Usage, reasoning_tokens: int = 0) -> Body:
    """Anthropic's `usage`: its three counts of input tokens add up to the prompt's. What isn't read from the cache
    isn't said to be written to it: that is Anthropic's word for what costs extra."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"thinking_tokens": reasoning_tokens},
    }
