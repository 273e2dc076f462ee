"""What a request asks for, free of its wire format: `protocol` makes these, `routes` hands them on. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.conversation import Message, Tool
from endpoint.providers.base import Sampling


@dataclass(frozen=True, slots=True)
class Generation:
    """How to generate; `max_tokens` None: as much as fits. `timeout_s` None: it may take any time."""

    max_tokens: int | None
    sampling: Sampling
    stop: tuple[str, ...] = ()
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to answer. `include_usage` (streams only): usage comes in a chunk of its own, as OpenAI sends it."""

    stream: bool = False
    include_usage: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat completion. `template_variables` are read by some chat templates ("reasoning_effort").

    `tools`: what the model may call, empty when it may not call any; `parallel_calls`: more than one in an answer.
    """

    model: str | None
    messages: tuple[Message, ...]
    generation: Generation
    delivery: Delivery
    template_variables: Mapping[str, object] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    parallel_calls: bool = True


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A text completion; the prompt is a text or the tokens themselves."""

    model: str | None
    prompt: str | tuple[int, ...]
    generation: Generation
    delivery: Delivery
