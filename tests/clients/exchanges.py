"""One request and its answer, as they went over the wire, and what can be read out of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

GENERATING = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages")
_LAST = ("[DONE]", "response.completed", "response.incomplete", "message_stop")

Body = Mapping[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, of which `cached` are part of `prompt`."""

    prompt: int
    completion: int
    cached: int


@dataclass(frozen=True)
class Exchange:
    """`answer`: as much of it as the client took."""

    method: str
    target: str
    request: bytes
    status: int
    content_type: str
    answer: bytes

    @property
    def path(self) -> str:
        """Without its query."""
        return self.target.partition("?")[0]

    @property
    def generates(self) -> bool:
        return self.method == "POST" and self.path in GENERATING

    @property
    def streams(self) -> bool:
        return self.content_type.startswith("text/event-stream")

    @cached_property
    def events(self) -> list[Body]:
        """Payloads of a stream in order, without [DONE]; of another answer the body alone."""
        texts = self._data_lines() if self.streams else [self.answer.decode()]
        return [json.loads(text) for text in texts if text and text != "[DONE]"]

    @property
    def problem(self) -> str | None:
        """What was wrong with the answer; None when nothing was."""
        if self.status >= 400:
            return f"{self.method} {self.target} answered {self.status}: {self.answer.decode(errors='replace')[:300]}"
        if not self.streams:
            return None
        if error := next((event["error"] for event in self.events if event.get("error")), None):
            return f"{self.target} failed in its stream: {error}"
        return None if self._has_end() else f"{self.target} was left before its stream's end"

    @property
    def wants_usage(self) -> bool:
        """Whether its answer must tell the usage: a chat stream has to ask for it."""
        asked = json.loads(self.request)
        is_stream = self.streams and "completions" in self.path
        return not is_stream or bool((asked.get("stream_options") or {}).get("include_usage"))

    @property
    def usage(self) -> Usage | None:
        """The last that it told; None when it told none."""
        told: dict[str, Any] = {}
        for event in self.events:
            for holder in (event, event.get("message"), event.get("response")):
                if isinstance(holder, dict) and holder.get("usage"):
                    told |= holder["usage"]
        return _read_usage(told) if told else None

    @property
    def tool_results(self) -> list[Body]:
        """What the request told of tools' results, in whichever API's shape."""
        asked = json.loads(self.request)
        items = [item for item in (*asked.get("messages", ()), *_items(asked.get("input"))) if isinstance(item, dict)]
        parts = [part for item in items for part in _items(item.get("content")) if isinstance(part, dict)]
        return [
            each
            for each in (*items, *parts)
            if each.get("role") == "tool" or each.get("type") in ("function_call_output", "tool_result")
        ]

    def _data_lines(self) -> list[str]:
        lines = self.answer.decode().splitlines()
        return [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]

    def _has_end(self) -> bool:
        lines = self._data_lines()
        return bool(lines) and (lines[-1] == _LAST[0] or json.loads(lines[-1]).get("type") in _LAST)


def _items(value: object) -> list[Any]:
    """A list as it is; a text or nothing as none."""
    return value if isinstance(value, list) else []


def _read_usage(told: Body) -> Usage:
    """From any of the three APIs' words. Anthropic's input tokens are without the cached ones."""
    if "prompt_tokens" in told:
        cached = (told.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        return Usage(told["prompt_tokens"], told["completion_tokens"], cached)
    if "cache_read_input_tokens" in told:
        cached = told["cache_read_input_tokens"] or 0
        return Usage(told["input_tokens"] + cached, told["output_tokens"], cached)
    cached = (told.get("input_tokens_details") or {}).get("cached_tokens", 0)
    return Usage(told["input_tokens"], told["output_tokens"], cached)
