"""What a request asks for, free of its wire format: `protocol` makes these, `routes` hands them on. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.conversation import Message, Tool
from endpoint.output import AUTO, OutputFormat, ToolChoice
from endpoint.providers.base import Sampling


@dataclass(frozen=True, slots=True)
class CacheWish:
    """The prompt-cache key that a request names; it lives for `ttl_s` seconds after its last use, None: as long as
    there is room. `appends`: the request's messages go on from what the key stands for."""

    key: str
    ttl_s: float | None = None
    appends: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """How to generate; `max_tokens` None: as much as fits. `timeout_s` None: it may take any time.

    `output`: the form of the content, None for any. `logprobs`: how many of the likeliest tokens to tell beside each
    token's log-probability; None for neither. `choices`: how many answers to the one prompt.
    """

    max_tokens: int | None
    sampling: Sampling
    stop: tuple[str, ...] = ()
    timeout_s: float | None = None
    output: OutputFormat | None = None
    logprobs: int | None = None
    choices: int = 1
    cache: CacheWish | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to answer. `include_usage` (streams only): usage comes in a chunk of its own, as OpenAI sends it."""

    stream: bool = False
    include_usage: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat completion. `template_variables` are read by some chat templates ("reasoning_effort").

    `tools`: what the model may call, empty when it may not call any; `parallel_calls`: more than one in an answer.
    `thinking_budget`: tokens that it may spend on reasoning, None for any number. `continue_last`: the last message,
    the assistant's, is the answer's beginning.
    """

    model: str | None
    messages: tuple[Message, ...]
    generation: Generation
    delivery: Delivery
    template_variables: Mapping[str, object] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    parallel_calls: bool = True
    tool_choice: ToolChoice = AUTO
    thinking_budget: int | None = None
    continue_last: bool = False


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A text completion; each prompt is a text or the tokens themselves, and has `generation.choices` answers.

    `echo`: the prompt comes before its answers. `suffix`: text that follows the gap that the answer fills.
    """

    model: str | None
    prompts: tuple[str | tuple[int, ...], ...]
    generation: Generation
    delivery: Delivery
    echo: bool = False
    suffix: str | None = None
